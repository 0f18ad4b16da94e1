"""The notebook for the gradebook: the release, with the student's answers and added cells in it and nothing else."""

import copy
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.intake.answers import Found
from autograder.intake.cells import CODE, Cell
from autograder.intake.order import Entry
from autograder.intake.places import Placed
from autograder.model.assignment import Assignment
from autograder.model.submission import EXTRA

MAX_EXTRA = 2_000_000


def rebuild(
    assignment: Assignment, placed: Sequence[Placed], found: Mapping[str, Found], made: Sequence[Entry]
) -> NotebookNode:
    """The release with complete metadata, answers filled in, added cells below the cell that they stood below."""
    notebook = copy.deepcopy(assignment.release)
    below: dict[int, list[NotebookNode]] = defaultdict(list)
    left, count = MAX_EXTRA, 0
    for entry in made:
        if entry.kind == EXTRA and len(entry.cell.source) <= left:
            left -= len(entry.cell.source)
            count += 1
            below[entry.anchor].append(_extra(entry.cell, count))
    answers = {f.task.slot.at: f for f in found.values() if f.source is not None}
    cells = []
    for at, cell in enumerate(notebook.cells):
        if at in answers:
            cell.source = answers[at].source
            pictures = {}
            for part in sorted(answers[at].parts):
                pictures |= placed[part].cell.pictures
            if pictures and cell.cell_type == "markdown":
                cell["attachments"] = from_dict(pictures)
        cells += [cell, *below[at]]
    notebook.cells = cells
    return notebook


def _extra(cell: Cell, count: int) -> NotebookNode:
    made = new_code_cell(cell.source) if cell.kind == CODE else new_markdown_cell(cell.source)
    if cell.pictures and cell.kind != CODE:
        made["attachments"] = from_dict(dict(cell.pictures))
    made["id"] = f"extra-{count}-" + hashlib.sha256(cell.source.encode()).hexdigest()[:8]
    made.metadata["course"] = {"extra": True}
    return made
