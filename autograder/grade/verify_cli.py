"""`course verify-grades`: the command."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.course import Course
from autograder.evidence.chain import chain_file
from autograder.evidence.secret import evidence_key, grading_seed
from autograder.evidence.verify import Scores, Verification, verify

if TYPE_CHECKING:
    from autograder.gradebook import Entry

Entries = Mapping[str, Mapping[str, "Entry"]]
"""Student → grade_id → what stands in the gradebook."""


def verify_grades(
    units: Annotated[list[str] | None, typer.Argument(help="Unit names or numbers; all that were graded.")] = None,
    db: Annotated[str | None, typer.Option("--db", help="URL of the gradebook's database.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON on stdout.")] = False,
) -> None:
    """Check the records, their chain and the gradebook against each other; exit status 1 if anything was changed."""
    course = Course.load()
    build = course.root / "build"
    chosen = [unit.name for unit in course.select(units)]
    if not units:
        chosen = [name for name in chosen if chain_file(build, name).exists() or (build / "grades" / name).exists()]
    key = evidence_key(grading_seed(build))
    found = [_verified(course, name, key, db) for name in chosen]
    if as_json:
        typer.echo(json.dumps([asdict(result) for result in found], indent=2, ensure_ascii=False))
    else:
        for result in found:
            _show(result)
        if not found:
            typer.echo("nothing has been graded yet")
    if any(result.faults for result in found):
        raise typer.Exit(1)


def gradebook_scores(course: Course, unit: str, db: str | None) -> Scores:
    """Automatic scores of the gradebook: student → grade_id → score."""
    return _automatic(_entries(course, unit, db))


def typed(entries: Entries) -> tuple[str, ...]:
    """Which scores a person typed: no record seals them, so a person has to know them."""
    found = [f"{student} {name} {_said(entry)}" for student, cells in sorted(entries.items())
             for name, entry in sorted(cells.items()) if entry.manual is not None or entry.extra]
    if not found:
        return ()
    return (f"{len(found)} score{'s' * (len(found) > 1)} typed by a person, which nothing seals: {', '.join(found)}",)


def _said(entry: "Entry") -> str:
    given = [] if entry.manual is None else [f"{entry.manual:g}"]
    return " ".join(given + ([f"+{entry.extra:g}"] if entry.extra else []))


def _verified(course: Course, unit: str, key: bytes, db: str | None) -> Verification:
    entries = _entries(course, unit, db)
    found = verify(course.root / "build", unit, key, _automatic(entries))
    return replace(found, notes=(*found.notes, *typed(entries)))


def _entries(course: Course, unit: str, db: str | None) -> Entries:
    from autograder.gradebook import GradeBook

    with GradeBook(course, db) as gradebook:
        return gradebook.scores(unit)


def _automatic(entries: Entries) -> Scores:
    return {student: {name: entry.auto for name, entry in cells.items()} for student, cells in entries.items()}


def _show(result: Verification) -> None:
    verdict = "as they were written" if not result.faults else f"{len(result.faults)} fault(s)"
    typer.echo(f"{result.unit}: {result.records} records of {result.students} students, {verdict}")
    for fault in result.faults:
        typer.echo(f"  {fault.kind}: {fault.what}")
    for note in result.notes:
        typer.echo(f"  note: {note}")
