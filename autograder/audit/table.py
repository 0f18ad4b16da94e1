"""The audit for a person: one row per exercise, then what failed and how to mend it."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.audit.report import Count, ExerciseReport, UnitReport

COLUMNS = ("exercise", "points", "solution", "blank", "wrong\nrejected", "right\naccepted", "mutants\nrejected", "leak",
           "seconds", "memory")


def print_reports(reports: Sequence[UnitReport], console: Console, *, fast: bool, wall_seconds: float) -> None:
    """The table, the failures below it, and the verdict in one line."""
    table = Table(title="course audit", title_justify="left", pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == "exercise" else "right")
    for report in reports:
        _rows(table, report)
    console.print(table)
    for report in reports:
        for failure in report.failures:
            where = f"{report.name}/{failure.exercise}" if failure.exercise else report.name
            console.print(f"[red]✗[/] [bold]{escape(where)}[/] · {failure.gate}: {escape(failure.message)}",
                          highlight=False, soft_wrap=True)
            hint = " → ".join(filter(None, (failure.place(), failure.mend)))
            if hint:
                console.print(f"    {escape(hint)}", highlight=False, soft_wrap=True)
    count = sum(len(report.failures) for report in reports)
    verdict = "[green]every gate is met[/]" if not count else f"[red]{count} failure{'s' if count > 1 else ''}[/]"
    skipped = " (without stock nbgrader: not a whole audit)" if fast else ""
    console.print(f"{len(reports)} unit{'s' if len(reports) > 1 else ''}: {verdict}{skipped} in {wall_seconds:.0f} s",
                  highlight=False)


def _rows(table: Table, report: UnitReport) -> None:
    leak = "" if report.leaks is None else "[green]none[/]" if report.leaks == 0 else f"[red]{report.leaks}[/]"
    mark = "[green]✓[/]" if report.passed else "[red]✗[/]"
    total = sum(e.points for e in report.exercises.values())
    table.add_row(f"{mark} [bold]{report.name}[/]", f"{total:g}", "", "", "", "", "", leak, _seconds(report.seconds),
                  _memory(report.peak_bytes), style="on grey11")
    for exercise in report.exercises.values():
        table.add_row(*_exercise(exercise))
    table.add_section()


def _exercise(exercise: ExerciseReport) -> tuple[str, ...]:
    if exercise.manual:
        return (f"  {exercise.grade_id}", f"{exercise.points:g}", "by hand", _score(exercise.blank, 0.0), *[""] * 6)
    return (
        f"  {exercise.grade_id}", f"{exercise.points:g}", _score(exercise.solution, exercise.points),
        _score(exercise.blank, 0.0), _count(exercise.wrong), _count(exercise.right), _count(exercise.mutants, 0.9), "",
        _seconds(exercise.seconds), _memory(exercise.peak_bytes),
    )


def _score(score: float | None, wanted: float) -> str:
    return "" if score is None else _coloured(f"{score:g}", score == wanted)


def _count(count: Count | None, share: float = 1.0) -> str:
    return "" if count is None else _coloured(str(count), count.good >= share * count.total)


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"


def _memory(peak_bytes: int | None) -> str:
    return "" if peak_bytes is None else f"{peak_bytes / 2**30:.2f} GB"


def _coloured(text: str, good: bool) -> str:
    return f"[{'green' if good else 'red'}]{text}[/]"
