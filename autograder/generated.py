"""The cells that nobody types: header, setup, recorded results, footer."""

import json
from collections.abc import Iterable
from importlib.resources import files
from string import Template
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.course import Course, Unit
from autograder.errors import CourseError

PROFILES = {"laptop": "a laptop", "full": "a GPU", "smoke": "the smoke profile"}


def header(course: Course, unit: Unit) -> NotebookNode:
    """Title, badge, navigation, what the unit asks for, and what it is for."""
    before = ", ".join(f"[{_label(course.units[name])}]({_link(course.units[name])})" for name in unit.prerequisites)
    data = ", ".join(name.replace("_", " ") for name in unit.data)
    columns = {
        "Time": f"{unit.minutes} min", "Points": f"{unit.points:g}", "Device": unit.device, "Data": data or "none",
        "Before this": before or "nothing",
    }
    lines = [
        f"# {_label(unit)}",
        "",
        f"{_badge(course, unit)}",
        "",
        f"**{course.title}** · Part {unit.part}: {course.parts[unit.part]} · {_navigation(course, unit)}",
        "",
        "| " + " | ".join(columns) + " |",
        "|" + "---|" * len(columns),
        "| " + " | ".join(columns.values()) + " |",
        "",
        "**After this unit you can**",
        "",
        *(f"{i}. {goal}" for i, goal in enumerate(unit.objectives, 1)),
    ]
    return _mark(new_markdown_cell("\n".join(lines)), "header")


def setup(course: Course) -> NotebookNode:
    """The one setup cell, the same in all units; locked by nbgrader, so that grading restores it."""
    text = files("autograder").joinpath("templates/setup.tmpl").read_text(encoding="utf-8")
    source = Template(text).substitute(repository=course.repository, branch=course.branch)
    cell = _mark(new_code_cell(source.rstrip("\n")), "setup")
    cell.metadata["nbgrader"] = {
        "grade": False, "grade_id": "setup", "locked": True, "schema_version": 3, "solution": False, "task": False,
    }
    return cell


def footer(course: Course, unit: Unit) -> NotebookNode:
    """Navigation at the end."""
    return _mark(new_markdown_cell(f"---\n{_label(unit)} · {_navigation(course, unit)}"), "footer")


def results(unit: Unit) -> list[NotebookNode]:
    """One cell with the tables that `course run` recorded, a block per profile; none where nothing is recorded.

    Raises:
        CourseError: results.json is not what `course run` writes.
    """
    if not unit.results.exists():
        return []
    try:
        recorded = json.loads(unit.results.read_text(encoding="utf-8"))
        blocks = [_block(profile, recorded[profile]) for profile in PROFILES if profile in recorded]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"not a record of results: {type(error).__name__} {error}", unit.results, None,
                          f"record it again: course run {unit.name} --profile laptop") from None
    if not blocks:
        return []
    text = "#### What was recorded\n\nThe same cells, run by the authors. Yours may differ in the last digits.\n\n"
    return [_mark(new_markdown_cell(text + "\n\n".join(blocks)), "results")]


def _block(profile: str, record: dict[str, Any]) -> str:
    seed = f", seed {record['seed']}" if record.get("seed") is not None else ""
    where = f"{record['device']}, {float(record['seconds']):.0f} s{seed}, {record['date']}"
    lines = [f"**On {PROFILES[profile]}** (profile `{profile}`): {where}."]
    for table in record["tables"]:
        lines += ["", *_table(table)]
    return "\n".join(lines)


def _table(table: dict[str, Any]) -> Iterable[str]:
    rows = table["rows"]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    numeric = {c: all(isinstance(row.get(c), (int, float, type(None))) for row in rows) for c in columns}
    if table.get("title"):
        yield f"*{table['title']}*"
        yield ""
    yield "| " + " | ".join(map(_text, columns)) + " |"
    yield "|" + "".join("---:|" if numeric[c] else "---|" for c in columns)
    for row in rows:
        yield "| " + " | ".join(_text(row.get(c)) for c in columns) + " |"
    for word in ("claim", "verdict"):
        if table.get(word):
            yield ""
            yield f"{word.capitalize()}: {table[word]}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value).replace("|", "\\|").replace("\n", " ")


def _mark(cell: NotebookNode, kind: str) -> NotebookNode:
    cell.metadata["course"] = {"generated": kind}
    cell.metadata["editable"] = False
    cell.metadata["deletable"] = False
    return cell


def _label(unit: Unit) -> str:
    return f"{unit.number} · {unit.title}"


def _link(unit: Unit) -> str:
    return f"../{unit.name}/{unit.name}.ipynb"


def _navigation(course: Course, unit: Unit) -> str:
    before, after = course.neighbours(unit)
    steps = [f"← [{_label(before)}]({_link(before)})"] if before else []
    steps += [f"[{_label(after)}]({_link(after)}) →"] if after else []
    return " · ".join(steps) or "the only unit"


def _badge(course: Course, unit: Unit) -> str:
    path = course.repository.removeprefix("https://").removeprefix("http://").removeprefix("github.com/")
    page = f"https://colab.research.google.com/github/{path}/blob/{course.branch}/notebooks/{unit.name}/{unit.name}.ipynb"
    return f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({page})"
