"""`course similarity`: compare the answers of a graded class with each other and with the public solution."""

import json
import sys
from typing import Annotated

import typer

from autograder.course import Course
from autograder.errors import short_path
from autograder.files import write_all


def similarity(
    unit: Annotated[str, typer.Argument(help="Unit name or number.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the pairs as JSON on stdout too.")] = False,
) -> None:
    """Write build/similarity/UNIT.html and UNIT.json: pairs of answers that share what few others have."""
    from autograder.audit.progress import Steps
    from autograder.model.assignment import Assignment
    from autograder.pages.exercises import titles
    from autograder.pages.graded import latest_class
    from autograder.similarity.classroom import compare_class
    from autograder.similarity.page import similarity_json, similarity_page
    from autograder.similarity.pairs import pairs

    course = Course.load()
    found = course.unit(unit)
    records = latest_class(course, found)
    assignment = Assignment.read(course, found)
    exercises = titles(assignment)
    with Steps(quiet=not sys.stderr.isatty()) as steps, steps.step(f"comparing {found.name}", len(exercises)) as done:
        answers, matches = compare_class(assignment, exercises, records, done)
    ranked = pairs(matches)
    names = {record.student: record.name for record in records}
    data = json.dumps(similarity_json(found, answers, ranked), indent=1) + "\n"
    page = course.root / "build" / "similarity" / f"{found.name}.html"
    html = similarity_page(course, found, exercises, answers, ranked, names)
    write_all({page: html, page.with_suffix(".json"): data})
    if as_json:
        typer.echo(data, nl=False)
        return
    students = sum(pair.second is not None for pair in ranked)
    typer.echo(f"{len(records)} submissions compared: {students} pairs to look at, {len(ranked) - students} close to "
               f"the public solution; a hint, never a verdict: {short_path(page)}")
