"""The code cells of a submission in the order in which they run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.intake.answers import Found
from autograder.intake.cells import CODE, MARKDOWN, Cell
from autograder.intake.outline import Outline, Slot
from autograder.intake.places import Placed
from autograder.model.assignment import ANSWER, LESSON
from autograder.model.submission import EXTRA

HOLDS = 0.5


@dataclass(frozen=True)
class Entry:
    """One cell of the rebuilt notebook: a slot of the release, or a cell of the student's below slot `anchor`."""

    kind: str
    anchor: int
    slot: Slot | None = None
    cell: Cell | None = None


def entries(placed: Sequence[Placed], found: Mapping[str, Found], outline: Outline) -> list[Entry]:
    """Lesson cells (each once), answers and added cells, code and prose, in the order in which they run."""
    main = {f.at: f for f in found.values() if f.at is not None}
    used = set().union(*(f.parts for f in found.values()))
    made: list[Entry] = []
    seen: set[int] = set()
    anchor = 0
    for i, p in enumerate(placed):
        if i in main:
            anchor = main[i].task.slot.at
            made.append(Entry(ANSWER, anchor, main[i].task.slot))
        elif i in used:
            continue
        elif p.slot is not None and p.slot.role == LESSON:
            anchor = p.slot.at
            if anchor not in seen:
                seen.add(anchor)
                made.append(Entry(LESSON, anchor, p.slot))
            if p.edited and _counts(p.cell):
                made.append(Entry(EXTRA, anchor, cell=p.cell))
        elif p.foreign and p.cell.kind != CODE:
            continue
        elif p.slot is None or (p.slot.role == ANSWER and p.edited):
            if _counts(p.cell):
                made.append(Entry(EXTRA, anchor, cell=p.cell))
        else:
            anchor = p.slot.at
    lessons = [slot for slot in outline.slots if slot.role == LESSON]
    if sum(slot.kind == CODE and slot.at in seen for slot in lessons) < HOLDS * sum(s.kind == CODE for s in lessons):
        made.sort(key=lambda entry: (entry.anchor, entry.kind == EXTRA))
    present = {entry.slot.at for entry in made if entry.slot is not None}
    for slot in lessons:
        if slot.at not in present:
            _insert(made, Entry(LESSON, slot.at, slot))
    return made


def _counts(cell: Cell) -> bool:
    return cell.kind in (CODE, MARKDOWN) and bool(cell.source.strip())


def _insert(made: list[Entry], entry: Entry) -> None:
    """Put a lesson cell that the student's file lacks behind its nearest predecessor."""
    before = [e.slot.at for e in made if e.slot is not None and e.slot.at < entry.anchor]
    at = 0
    if before:
        nearest = max(before)
        at = 1 + next(i for i, e in enumerate(made) if e.slot is not None and e.slot.at == nearest)
    made.insert(at, entry)
