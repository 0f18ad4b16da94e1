"""`course feedback`: a page per student, under build/feedback/STUDENT/UNIT.html."""

import sys
from typing import Annotated

import typer

from autograder.course import Course
from autograder.errors import short_path
from autograder.files import write_all


def feedback(
    unit: Annotated[str, typer.Argument(help="Unit name or number.")],
    students: Annotated[list[str] | None, typer.Option("--student", help="Only this one; may be repeated.",
                                                       show_default="all")] = None,
    db: Annotated[str | None, typer.Option("--db", help="URL of nbgrader's database.",
                                           show_default="build/gradebook.db")] = None,
) -> None:
    """Write the feedback page of every graded submission, with the points and comments that people gave since."""
    from autograder.audit.progress import Steps
    from autograder.feedback.page import feedback_page
    from autograder.model.assignment import Assignment
    from autograder.pages.exercises import titles
    from autograder.pages.graded import file_name, read_class

    course = Course.load()
    found = course.unit(unit)
    graded = read_class(course, found, students=students, db_url=db)
    exercises = titles(Assignment.read(course, found))
    folder = course.root / "build" / "feedback"
    with Steps(quiet=not sys.stderr.isatty()) as steps, steps.step(f"feedback on {found.name}", len(graded)) as done:
        for one in graded:
            page = feedback_page(course, found, exercises, one)
            write_all({folder / file_name(one.record.student) / f"{found.name}.html": page})
            done()
    waiting = sum(bool(one.open_points) for one in graded)
    count = "1 page" if len(graded) == 1 else f"{len(graded)} pages"
    where = short_path(folder / file_name(graded[0].record.student) / f"{found.name}.html")
    typer.echo(f"{count} below {short_path(folder)}, for example {where}")
    if waiting:
        typer.echo(f"{waiting} of them still wait for a person: grade the questions, then run this again")
