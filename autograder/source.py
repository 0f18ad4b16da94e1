"""A percent source becomes the complete solved notebook: generated cells, full nbgrader metadata, derived cell ids."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_notebook

from autograder import generated
from autograder.course import Course, Unit
from autograder.errors import CourseError
from autograder.percent import is_generated, read_cells
from autograder.rules import check_source, is_solution, is_test

__all__ = ["Exercise", "exercises", "read_source", "solved_notebook", "source_text"]

RESULTS_TAG = "results"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


@dataclass(frozen=True)
class Exercise:
    """An answer cell and the cells that grade it."""

    grade_id: str
    solution: NotebookNode
    tests: list[NotebookNode] = field(default_factory=list)
    points: float = 0.0

    @property
    def manual(self) -> bool:
        """An explain question, graded by a person."""
        return self.solution.cell_type == "markdown"

    @property
    def line(self) -> int | None:
        """The line of the answer cell in the percent source."""
        return self.solution.metadata.get("course", {}).get("line")


def source_text(unit: Unit) -> str:
    """The percent script.

    Raises:
        CourseError: it is missing or not UTF-8.
    """
    try:
        return unit.source.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(f"the source of {unit.name} is missing", unit.source, None,
                          "write it, or take the unit out of course.toml") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"cannot be read: {error}", unit.source) from None


def read_source(course: Course, unit: Unit) -> NotebookNode:
    """The solved notebook of a unit, without outputs; each authored cell carries `metadata.course.line`.

    Raises:
        CourseError: the source breaks a rule of the unit contract (one error per fault).
    """
    return solved_notebook(course, unit, source_text(unit))


def solved_notebook(course: Course, unit: Unit, text: str) -> NotebookNode:
    """`read_source` of a text that need not be on the disk."""
    cells = read_cells(text, unit.source)
    check_source(cells, unit)
    for cell in cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"] = _full_nbgrader(cell)
    cells = [generated.header(course, unit), generated.setup(course), *_with_results(cells, unit),
             generated.footer(course, unit)]
    cells = [from_dict(cell) for cell in cells]
    _derive_ids(cells)
    notebook = new_notebook(cells=cells, metadata={"kernelspec": dict(KERNEL), "language_info": {"name": "python"}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def exercises(notebook: NotebookNode) -> list[Exercise]:
    """The exercises of a solved or released notebook, in order; a test belongs to the nearest answer cell above it."""
    found: list[Exercise] = []
    for cell in notebook.cells:
        if is_generated(cell) or "nbgrader" not in cell.metadata:
            continue
        if is_solution(cell):
            found.append(Exercise(cell.metadata.nbgrader.grade_id, cell, [], cell.metadata.nbgrader.get("points", 0)))
        elif is_test(cell):
            at = max(i for i, exercise in enumerate(found) if not exercise.manual)
            old = found[at]
            points = old.points + cell.metadata.nbgrader.points
            found[at] = Exercise(old.grade_id, old.solution, [*old.tests, cell], points)
    return found


def _full_nbgrader(cell: NotebookNode) -> dict[str, Any]:
    short, solution = cell.metadata.nbgrader, is_solution(cell)
    grade = "points" in short
    full = {
        "grade": grade, "grade_id": short.grade_id, "locked": not solution, "schema_version": 3, "solution": solution,
        "task": False,
    }
    if grade:
        full["points"] = short.points
    return full


def _with_results(cells: list[NotebookNode], unit: Unit) -> list[NotebookNode]:
    """The recorded tables behind the last cell tagged `results`."""
    tagged = [i for i, cell in enumerate(cells) if RESULTS_TAG in cell.metadata.get("tags", [])]
    recorded = generated.results(unit)
    if not recorded:
        return cells
    if not tagged:
        raise CourseError("there are recorded results, but no cell is tagged `results`", unit.source, None,
                          'mark the cell that calls ui.results(): # %% tags=["results"]')
    at = tagged[-1] + 1
    return [*cells[:at], *recorded, *cells[at:]]


def _derive_ids(cells: list[NotebookNode]) -> None:
    """grade_id where there is one, else a hash of kind and text, numbered if repeated: a rebuild changes nothing."""
    seen: Counter[str] = Counter()
    for cell in cells:
        if is_generated(cell):
            cell["id"] = f"course-{cell.metadata.course['generated']}"
            continue
        if "nbgrader" in cell.metadata:
            cell["id"] = re.sub(r"[^A-Za-z0-9_-]", "-", cell.metadata.nbgrader.grade_id)
            continue
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        cell["id"] = f"cell-{digest}" + (f"-{seen[digest]}" if seen[digest] > 1 else "")
