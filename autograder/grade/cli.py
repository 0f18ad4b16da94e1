"""`course grade`: the command."""

import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from autograder.course import Course
from autograder.errors import CourseError
from autograder.processes import stop_on_signals

LEVELS = ("auto", "bwrap", "docker", "podman", "none")


def grade(
    unit: Annotated[str, typer.Argument(help="Unit name or number.")],
    submissions: Annotated[Path | None, typer.Option("--submissions", help="Folder or zip file of a learning "
                           "platform.", show_default="build/submitted")] = None,
    scheduler: Annotated[str | None, typer.Option("--scheduler", help="Grade on the Dask cluster of this scheduler: "
                         "tls://host:8786.", show_default="this machine")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Worker processes on this machine.",
                                      show_default="all cores")] = os.cpu_count() or 1,
    sandbox: Annotated[str, typer.Option("--sandbox", help="auto, bwrap, docker, podman, or none (recorded on each "
                                         "grade).")] = "auto",
    regrade: Annotated[bool, typer.Option("--regrade", help="Grade again what has a result.")] = False,
    student: Annotated[list[str] | None, typer.Option("--student", help="Only this student; may be repeated.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be graded.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")] = False,
    db: Annotated[str | None, typer.Option("--db", help="URL of the gradebook's database.",
                                           show_default="nbgrader_config.py")] = None,
    tls_ca: Annotated[Path | None, typer.Option("--tls-ca", help="Certificate that signs the cluster's.")] = None,
    tls_cert: Annotated[Path | None, typer.Option("--tls-cert", help="Certificate of this client.")] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="Its private key.")] = None,
) -> None:
    """Grade the submissions of a unit; a second run grades what is missing. Exit status 1 if anything went wrong."""
    from autograder.grade.batch import Batch, Options
    from autograder.grade.display import Display

    if sandbox not in LEVELS:
        raise CourseError(f"no sandbox {sandbox!r}", mend=f"one of {', '.join(LEVELS)}")
    stop_on_signals()
    started = time.monotonic()
    course = Course.load()
    options = Options(submissions, sandbox, tuple(dict.fromkeys(student or ())), regrade, db)
    with ExitStack() as stack:
        if not dry_run:
            workers = stack.enter_context(_workers(scheduler, jobs, tls_ca, tls_cert, tls_key))
        batch = Batch(course, course.unit(unit), options)
        plan = batch.plan()
        display = Display(batch, plan, as_json=as_json)
        if dry_run:
            display.plan()
            return
        stack.enter_context(display)
        try:
            for entered in batch.run(plan, workers):
                display.add(entered)
        except KeyboardInterrupt:
            display.interrupted = True
    display.summary(time.monotonic() - started)
    if display.interrupted:
        raise typer.Exit(130)
    if display.trouble:
        raise typer.Exit(1)


def _workers(scheduler: str | None, jobs: int, ca: Path | None, cert: Path | None, key: Path | None):
    if scheduler is None:
        from autograder.grade.local import LocalWorkers

        return LocalWorkers(jobs)
    from autograder.cluster import ClusterWorkers

    return ClusterWorkers(scheduler, ca=ca, cert=cert, key=key)


