"""Which cell of the release a student's cell was: by nbgrader's grade_id, else by cell id, else by its text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.intake.cells import CODE, Cell
from autograder.intake.outline import Outline, Slot
from autograder.intake.text import normal
from autograder.model.assignment import SETUP

DERIVED_ID = re.compile(r"(cell-[0-9a-f]{12}(-\d+)?|course-[a-z]+)")
KNOWN = 0.5

BY_GRADE_ID, BY_ID, BY_TEXT, BY_NAME, BY_PLACE = "grade_id", "cell id", "text", "name", "place"


@dataclass(frozen=True)
class Placed:
    """A student's cell and the slot it came from, if that can be told.

    Args:
        how: what told it.
        edited: its text is not that of the slot.
        foreign: it is no cell of this release and none of the student's: another release had it.
    """

    cell: Cell
    slot: Slot | None = None
    how: str = ""
    edited: bool = False
    foreign: bool = False


def place(cells: Sequence[Cell], outline: Outline) -> list[Placed]:
    """Every cell with its slot; several cells may claim one slot."""
    return [_place(cell, outline) for cell in cells]


def _place(cell: Cell, outline: Outline) -> Placed:
    text = normal(cell.source)
    same = outline.by_text.get((cell.kind, text))
    if cell.grade_id in outline.by_grade_id:
        slot, how = outline.by_grade_id[cell.grade_id], BY_GRADE_ID
    elif known := next((i for i in cell.ids if i in outline.by_id), None):
        slot, how = outline.by_id[known], BY_ID
    elif same is not None:
        slot, how = same, BY_TEXT
    elif cell.kind == CODE and "ui.setup()" in text and "course_lib" in text:
        slot, how = next(s for s in outline.slots if s.role == SETUP), BY_TEXT  # of another release
    else:
        return Placed(cell, foreign=_foreign(cell, outline))
    # A text that is another cell's says more than an id: somebody pasted one cell over another.
    if same is not None and same is not slot and text != slot.normal:
        slot, how = same, BY_TEXT
    return Placed(cell, slot, how, text != slot.normal)


def _foreign(cell: Cell, outline: Outline) -> bool:
    """A cell id as our builder derives them, or a text that mostly is ours."""
    if any(DERIVED_ID.fullmatch(i) for i in cell.ids):
        return True
    lines = normal(cell.source).split("\n")
    return cell.kind != CODE and sum(line in outline.prose for line in lines) >= KNOWN * len(lines)
