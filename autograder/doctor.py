"""`course doctor`: what this machine has and lacks for the course, with a mend for each fault."""

from typing import Annotated

import typer

from autograder.probes import PROBES, Finding

SIGNS = {"ok": "[green]ok[/]", "info": "[blue]info[/]", "warn": "[yellow]warn[/]", "fail": "[red]fail[/]"}


def examine() -> list[Finding]:
    """Run every probe; one that breaks is itself a finding."""
    findings: list[Finding] = []
    for probe in PROBES:
        try:
            findings += probe()
        except Exception as error:  # the doctor must not die of the disease
            name = probe.__name__.replace("_", " ")
            findings.append(Finding(name, "fail", f"could not be examined: {type(error).__name__}: {error}",
                                    "run `make lab` to repair the environment"))
    return findings


def doctor(
    brief: Annotated[bool, typer.Option("--brief", help="Show only what needs attention.")] = False,
) -> None:
    """Check Python, torch, packages, Jupyter, data, disk and sandbox; exit status 1 if something must be mended."""
    findings = examine()
    shown = [f for f in findings if f.state in ("warn", "fail")] if brief else findings
    if shown:
        _print(shown)
    failed = sum(f.state == "fail" for f in findings)
    if failed:
        typer.echo(f"{failed} of {len(findings)} must be mended before the course can run.")
        raise typer.Exit(1)
    typer.echo("This machine is ready for the course.")


def _print(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_header=True, header_style="bold", box=None, pad_edge=False)
    for column in ("", "what", "seen", "mend"):
        table.add_column(column, overflow="fold")
    for f in findings:
        table.add_row(SIGNS[f.state], escape(f.what), escape(f.seen), escape(f.mend if f.state != "ok" else ""))
    Console().print(table)
