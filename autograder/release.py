"""The student release, made by nbgrader's own preprocessors, and the bytes of a built notebook."""

import copy
import hashlib
import json
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from autograder.errors import CourseError

__all__ = ["RELEASE_STEPS", "FinishRelease", "digest", "make_release", "notebook_text", "seal"]

RELEASE_STEPS = (
    "LockCells", "ClearSolutions", "ClearOutput", "CheckCellMetadata", "ClearMarkScheme", "ComputeChecksums",
    "ClearHiddenTests", "ComputeChecksums", "CheckCellMetadata",
)
"""The steps of nbgrader_config.py without SaveCells, which writes the gradebook."""


class FinishRelease(Preprocessor):
    """The last step: drop what only the solved notebook needs, and seal the release with its digest.

    nbgrader_config.py adds it to stock `generate_assignment`, so that formgrader makes the same notebook as we do.
    """

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Strip pairing and source lines in place."""
        nb.metadata.pop("jupytext", None)
        nb.metadata["language_info"] = {"name": "python"}  # a kernel that ran the source added its Python version
        for cell in nb.cells:
            if "course" in cell.metadata:
                cell.metadata.course.pop("line", None)
                if not cell.metadata.course:
                    del cell.metadata["course"]
            cell.source = cell.source.rstrip("\n")
        seal(nb)
        return nb, resources


def make_release(nb: NotebookNode) -> NotebookNode:
    """The blank notebook for students: solutions become stubs, hidden tests and mark schemes go, test cells are locked.

    Raises:
        CourseError: nbgrader refuses the notebook.
    """
    from nbgrader import preprocessors
    from traitlets.config import Config

    # Our explain questions are answer cells, where nbgrader expects mark schemes in its "task" cells only.
    config = Config({"ClearMarkScheme": {"enforce_metadata": False}})
    release, resources = copy.deepcopy(nb), {"nbgrader": {}}
    steps = [getattr(preprocessors, name) for name in RELEASE_STEPS]
    try:
        for step in [*steps, FinishRelease]:
            release, resources = step(config=config)(release, resources)
    except Exception as error:  # nbgrader raises RuntimeError, ValueError and jsonschema's errors
        raise CourseError(f"nbgrader refuses the notebook: {error}") from error
    return release


def seal(nb: NotebookNode) -> NotebookNode:
    """Write the notebook's own digest into its metadata, so that an edit by hand can be told from a stale build."""
    nb.metadata["course"] = {"digest": digest(nb)}
    return nb


def digest(nb: NotebookNode) -> str:
    """A hash of what a person would edit: kind, text and grading metadata of each cell, but not outputs."""
    cells = [[cell.cell_type, cell.source, cell.metadata.get("nbgrader", {}), cell.metadata.get("tags", [])]
             for cell in nb.cells]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()[:24]


def notebook_text(nb: NotebookNode) -> str:
    """The notebook as nbformat writes it: one-space indent, sorted keys, a newline at the end."""
    import nbformat

    plain: Any = copy.deepcopy(nb)
    nbformat.validate(plain)
    return nbformat.writes(plain, version=4) + "\n"
