"""`course audit`: the command."""

import json
import os
import sys
import time
from typing import Annotated

import typer

from autograder.course import Course
from autograder.processes import stop_on_signals


def audit(
    units: Annotated[list[str] | None, typer.Argument(help="Unit names or numbers; all if none is given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON on stdout.")] = False,
    mutants: Annotated[bool, typer.Option("--mutants", help="Run the mutants and record their scores.")] = False,
    fast: Annotated[bool, typer.Option("--fast", help="Leave stock nbgrader out.")] = False,
    online: Annotated[bool, typer.Option("--online", help="Ask every web link for an answer.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes at once.",
                                      show_default="all cores")] = os.cpu_count() or 1,
    seed: Annotated[str, typer.Option("--seed", help="Private grading seed of the run.")] = "audit",
    soak: Annotated[int, typer.Option("--soak", min=0, help="Try every answer with this many further seeds.")] = 0,
) -> None:
    """Put every exercise to the gates of the unit contract; exit status 1 if one is not met."""
    from rich.console import Console

    from autograder.audit.progress import Steps
    from autograder.audit.report import to_json
    from autograder.audit.runner import Options, run_audit
    from autograder.audit.table import print_reports

    stop_on_signals()
    course = Course.load()
    options = Options(jobs=jobs, mutants=mutants, fast=fast, online=online, seed=seed, soak=soak)
    started = time.monotonic()
    try:
        with Steps(quiet=not sys.stderr.isatty()) as steps:
            reports = run_audit(course, course.select(units), options, steps)
    except KeyboardInterrupt:
        typer.echo("interrupted: every process was ended, nothing was recorded", err=True)
        raise typer.Exit(130) from None
    wall = time.monotonic() - started
    if as_json:
        typer.echo(json.dumps(to_json(reports, seed=seed, wall_seconds=wall), indent=2, ensure_ascii=False))
    else:
        width = None if sys.stdout.isatty() else 120
        print_reports(reports, Console(width=width), fast=fast, wall_seconds=wall)
    if not all(report.passed for report in reports):
        raise typer.Exit(1)
