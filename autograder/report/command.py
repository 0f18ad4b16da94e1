"""`course report`: one page on a graded class."""

import sys
from typing import Annotated

import typer

from autograder.course import Course
from autograder.errors import short_path
from autograder.files import write_all


def report(
    unit: Annotated[str, typer.Argument(help="Unit name or number.")],
    db: Annotated[str | None, typer.Option("--db", help="URL of nbgrader's database.",
                                           show_default="build/gradebook.db")] = None,
) -> None:
    """Write build/report/UNIT.html: points, usual mistakes, times, and whose work a person should look at."""
    from autograder.audit.progress import Steps
    from autograder.model.assignment import Assignment
    from autograder.pages.exercises import titles
    from autograder.pages.graded import read_class
    from autograder.report.page import report_page

    course = Course.load()
    found = course.unit(unit)
    with Steps(quiet=not sys.stderr.isatty()) as steps, steps.step(f"report on {found.name}", 3) as done:
        marked = read_class(course, found, db_url=db)
        done()
        exercises = titles(Assignment.read(course, found))
        done()
        page = course.root / "build" / "report" / f"{found.name}.html"
        write_all({page: report_page(course, found, exercises, marked)})
        done()
    count = "1 submission" if len(marked) == 1 else f"{len(marked)} submissions"
    typer.echo(f"{count}: {short_path(page)}")
