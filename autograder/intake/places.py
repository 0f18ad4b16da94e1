"""Which cell of the release a student's cell was: by nbgrader's grade_id, else by cell id, else by its text."""

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.intake.cells import CODE, Cell
from autograder.intake.outline import Outline, Slot
from autograder.intake.text import normal
from autograder.model.assignment import SETUP

BY_GRADE_ID, BY_ID, BY_TEXT, BY_NAME, BY_PLACE = "grade_id", "cell id", "text", "name", "place"


@dataclass(frozen=True)
class Placed:
    """A student's cell and the slot it came from, if that can be told; `edited`: its text is another by now."""

    cell: Cell
    slot: Slot | None = None
    how: str = ""
    edited: bool = False


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
        return Placed(cell)
    # A text that is another cell's says more than an id: somebody pasted one cell over another.
    if same is not None and same is not slot and text != slot.normal:
        slot, how = same, BY_TEXT
    return Placed(cell, slot, how, text != slot.normal)
