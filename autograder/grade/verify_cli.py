"""`course verify-grades`: the command."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from autograder.course import Course
from autograder.evidence.chain import chain_file
from autograder.evidence.secret import evidence_key, grading_seed
from autograder.evidence.verify import Scores, Verification, verify


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
    found = [verify(build, name, key, gradebook_scores(course, name, db)) for name in chosen]
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
    from autograder.gradebook import GradeBook

    with GradeBook(course, db) as gradebook:
        entries = gradebook.scores(unit)
    return {student: {name: entry.auto for name, entry in cells.items()} for student, cells in entries.items()}


def _show(result: Verification) -> None:
    verdict = "as they were written" if not result.faults else f"{len(result.faults)} fault(s)"
    typer.echo(f"{result.unit}: {result.records} records of {result.students} students, {verdict}")
    for fault in result.faults:
        typer.echo(f"  {fault.kind}: {fault.what}")
    for note in result.notes:
        typer.echo(f"  note: {note}")
