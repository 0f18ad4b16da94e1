"""The cells and points of a unit in nbgrader's database, put there by nbgrader's own SaveCells."""

import copy
import logging
from typing import TYPE_CHECKING

from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.gradebook.database import Database, database_errors
from autograder.model.assignment import Assignment
from autograder.release import RELEASE_STEPS

if TYPE_CHECKING:
    from nbgrader.api import Gradebook


def save_cells(assignment: Assignment, database: Database) -> None:
    """What `nbgrader generate_assignment` does to the database, without its files: the same rows.

    Raises:
        CourseError: exercises were added or removed after the first submission was graded, or the database refuses.
    """
    place = {"notebook": assignment.name, "assignment": assignment.name, "student": ".", "db_url": database.url}
    notebook, resources = copy.deepcopy(assignment.solved), {"nbgrader": place}
    # As in nbgrader_config.py: hidden tests go only after the cells were saved.
    for step in RELEASE_STEPS[: RELEASE_STEPS.index("ComputeChecksums") + 1]:
        notebook, resources = _preprocessor(step)(notebook, resources)
    with database.transaction() as gradebook:
        gradebook.update_or_create_assignment(assignment.name)
        if _saved(gradebook, assignment.name, notebook):
            return
    try:
        with database_errors(database.url):
            _preprocessor("SaveCells")(notebook, resources)
    except RuntimeError as error:
        if "Cannot add or remove cells" not in str(error):
            raise
        raise CourseError(
            f"exercises of {assignment.name} were added, removed or renamed after submissions had been graded",
            mend=f"undo that, or forget all grades of the unit, those by hand too: "
                 f"nbgrader db assignment remove {assignment.name} --force") from error


def _preprocessor(step: str):
    from nbgrader import preprocessors
    from traitlets.config import Config

    made = getattr(preprocessors, step)(config=Config({"ClearMarkScheme": {"enforce_metadata": False}}))
    made.log.setLevel(logging.ERROR)
    return made


def _saved(gradebook: "Gradebook", name: str, notebook: NotebookNode) -> bool:
    """Whether the database holds these very cells: SaveCells takes half a second, and each command would pay it."""
    from nbgrader.api import MissingEntry
    from nbgrader.utils import is_grade, is_solution

    try:
        saved = gradebook.find_notebook(name, name)
    except MissingEntry:
        return False
    cells = {c.metadata.nbgrader.grade_id: c for c in notebook.cells if "nbgrader" in c.metadata}
    return (
        {c.name: (c.cell_type, c.source, c.checksum) for c in saved.source_cells}
        == {n: (c.cell_type, c.source, c.metadata.nbgrader.get("checksum")) for n, c in cells.items()}
        and {c.name: c.max_score for c in saved.grade_cells}
        == {n: float(c.metadata.nbgrader.points) for n, c in cells.items() if is_grade(c)}
        and {c.name for c in saved.solution_cells} == {n for n, c in cells.items() if is_solution(c)}
    )
