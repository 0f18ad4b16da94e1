"""`course export`: the grades as the CSV that a learning platform imports."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from autograder.course import Course
from autograder.errors import CourseError, short_path


class Platform(StrEnum):
    """Where the table goes."""

    CANVAS = "canvas"
    MOODLE = "moodle"


def export(
    unit: Annotated[str | None, typer.Argument(help="Unit name or number.")] = None,
    to: Annotated[Platform, typer.Option("--to", help="The platform that will import it.")] = ...,
    every: Annotated[bool, typer.Option("--all", help="All units in the gradebook.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File (for Moodle with --all: folder).",
                                                show_default="build/export/…")] = None,
    roster: Annotated[Path | None, typer.Option(
        "--roster", help="What the platform exported (Canvas: the gradebook, Moodle: the grading worksheet): its rows "
                         "are filled in.")] = None,
    partial: Annotated[bool, typer.Option(
        "--partial", help="Also grades at which a person must still look; otherwise they stay empty.")] = False,
    db: Annotated[str | None, typer.Option("--db", help="URL of the gradebook's database.")] = None,
) -> None:
    """Write grades, late penalties and comments as a CSV table for Canvas or Moodle."""
    from autograder.export.canvas import canvas_csv
    from autograder.export.grades import read_grades
    from autograder.export.moodle import moodle_csv
    from autograder.export.table import read_csv
    from autograder.files import write_all
    from autograder.gradebook import GradeBook

    if every == (unit is not None):
        raise CourseError("name one unit, or say --all", mend="course export 02_stft --to canvas")
    if roster is not None and every and to is Platform.MOODLE:
        raise CourseError("Moodle's worksheet belongs to one assignment", mend="export the units one by one")
    course = Course.load()
    listed = read_csv(roster) if roster is not None else None
    with GradeBook(course, db) as book:
        names = book.units() if every else [course.unit(unit).name]
        if not names:
            raise CourseError("the gradebook is empty", mend="course grade UNIT")
        units = [read_grades(course, book, name, partial=partial) for name in names]
        folder = course.root / "build" / "export"
        if to is Platform.CANVAS:
            text, notes = canvas_csv(units, book.policy.canvas, listed)
            texts = {output or folder / f"{'all' if every else names[0]}-canvas.csv": text}
        else:
            made = [moodle_csv(grades, listed) for grades in units]
            notes = [note for _, said in made for note in said]
            place = output if every and output else folder
            files = [place / f"{name}-moodle.csv" for name in names]
            texts = dict(zip([output] if output and not every else files, [text for text, _ in made], strict=True))
    write_all(texts)
    for grades in units:
        _say_waiting(grades, partial)
    for note in notes:
        print(note, file=sys.stderr)
    for path in texts:
        print(short_path(path))


def _say_waiting(grades, partial: bool) -> None:
    waiting = grades.waiting
    if waiting:
        shown = ", ".join(waiting[:5]) + (" …" if len(waiting) > 5 else "")
        what = "exported as they stand" if partial else "left empty (--partial exports them as they stand)"
        print(f"{grades.unit.name}: {len(waiting)} of {len(grades.grades)} grades wait for a person, {what}: {shown}",
              file=sys.stderr)
