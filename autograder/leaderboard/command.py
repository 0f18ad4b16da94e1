"""`course leaderboard`: rank the trained models of a graded class."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from autograder.course import Course
from autograder.errors import CourseError, short_path
from autograder.files import write_all


def leaderboard(
    unit: Annotated[str, typer.Argument(help="Unit name or number.")],
    names: Annotated[bool, typer.Option("--names", help="Show the students' names instead of made-up ones.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the tables with the students' ids as JSON.")] = False,
) -> None:
    """Write build/leaderboard/UNIT.html: what the models handed in reached on the held-out set."""
    from autograder.evidence.secret import derived_key, grading_seed
    from autograder.leaderboard.ranking import pseudonyms, rank
    from autograder.model.assignment import Assignment
    from autograder.pages.exercises import titles
    from autograder.pages.graded import latest_class
    from autograder.pages.render import render
    from autograder.pages.text import clip

    course = Course.load()
    found = course.unit(unit)
    records = latest_class(course, found)
    tables = rank(records)
    if not tables:
        raise CourseError(f"no check of {found.name} measures a score", mend="grade with checks.trained.trained_model")
    if names:
        shown = {r.student: clip(r.name or r.student, 80, 1) for r in records}
    else:
        key = derived_key(grading_seed(course.root / "build"), f"leaderboard/{found.name}")
        shown = pseudonyms((r.student for r in records), key)
    exercises = {title.grade_id: title.label for title in titles(Assignment.read(course, found))}
    labels = {r.grade_id: exercises.get(r.exercise, r.exercise) for record in records for r in record.results}
    page = course.root / "build" / "leaderboard" / f"{found.name}.html"
    write_all({page: render(
        "autograder.leaderboard", "leaderboard.html.j2", course=clip(course.title, 200), unit=found, tables=tables,
        names=shown, titles=labels, hidden_names=not names, count=len(records),
    )})
    if as_json:
        entries = [asdict(table) for table in tables]
        for place in (place for entry in entries for place in entry["places"]):
            place["shown_as"] = shown[place["student"]]
        typer.echo(json.dumps({"unit": found.name, "tables": entries}, indent=1))
        return
    for table in tables:
        typer.echo(f"{labels[table.grade_id]}: {table.name}")
        for place in table.places[:10]:
            typer.echo(f"{place.rank:4d}  {place.value:8.4g}  {shown[place.student]}")
    typer.echo(f"all places: {short_path(page)}")
