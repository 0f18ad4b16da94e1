"""The code answers: for each exercise the cell of the student that holds it, whatever happened to the notebook."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.intake import say
from autograder.intake.cells import CODE
from autograder.intake.magics import clean
from autograder.intake.names import names_of
from autograder.intake.outline import Outline, Task
from autograder.intake.pieces import MAX_JOINED, as_code, defines, joined, without_tests
from autograder.intake.places import BY_NAME, BY_PLACE, Placed
from autograder.intake.text import normal
from autograder.model.assignment import ANSWER, LESSON
from autograder.model.submission import Repair

ALIKE = 0.6
COMPARED, COMPARED_CELLS = 6_000, 200


@dataclass
class Found:
    """What was found of one exercise.

    Args:
        task: the exercise.
        source: the answer, None where there is none.
        at: the place of its main cell in the list of placed cells; None where there is none.
        parts: the places of all cells that were used up.
        how: what it was known by.
        repairs: what was done.
    """

    task: Task
    source: str | None = None
    at: int | None = None
    parts: set[int] = field(default_factory=set)
    how: str = ""
    repairs: list[Repair] = field(default_factory=list)

    def note(self, what: str, *, doubtful: bool = False) -> None:
        """Add a repair of this exercise."""
        self.repairs.append(Repair(what, self.task.grade_id, doubtful))


def find_answers(placed: Sequence[Placed], outline: Outline) -> dict[str, Found]:
    """The answer of every code exercise."""
    finder = _Finder(placed, outline)
    coded = [task for task in outline.tasks.values() if not task.manual]
    found = {task.grade_id: finder.by_marks(task) for task in coded}
    finder.used = set().union(*(f.parts for f in found.values()))
    for task in coded:
        if found[task.grade_id].at is None:
            found[task.grade_id] = finder.by_place(task)
    return found


class _Finder:
    def __init__(self, placed: Sequence[Placed], outline: Outline):
        self.placed, self.outline = placed, outline
        self.texts = [without_tests(as_code(p.cell), outline) for p in placed]
        self.used: set[int] = set()

    def by_marks(self, task: Task) -> Found:
        """By grade_id, cell id, or the name it defines."""
        labelled = [i for i, p in enumerate(self.placed) if p.slot is task.slot]
        written = [i for i in self._definers(task) if not task.unwritten(self._whole(i, task))]
        others = [i for i in labelled if i not in written and not task.unwritten(self.texts[i])]
        pool = written or [i for i in others if not self._answers_another(i, task)]
        found = Found(task)
        if pool:
            found.at = self._choose(task, pool, found)
        elif labelled:
            found.at = labelled[0]
        else:
            return found
        found.how = self.placed[found.at].how if found.at in labelled else BY_NAME
        self._take(found, labelled)
        return found

    def by_place(self, task: Task) -> Found:
        """By where it stands, or by likeness to the stub: always doubtful."""
        found = Found(task)
        free = [i for i, p in enumerate(self.placed)
                if i not in self.used and (p.slot is None or p.slot is task.slot) and p.cell.kind == CODE
                and self.texts[i].strip()]
        near = self._between_neighbours(task, free)
        alike = [i for i in free[:COMPARED_CELLS] if _likeness(task.slot.source, self.texts[i]) >= ALIKE]
        pool = near if len(near) == 1 else [i for i in alike if not near or i in near]
        if len(pool) != 1:
            found.note(say.missing(task), doubtful=True)
            return found
        found.at, found.how = pool[0], BY_PLACE
        found.note(say.by_place(task, self.placed[pool[0]].cell), doubtful=True)
        self._take(found, [])
        self.used |= found.parts
        return found

    def _definers(self, task: Task) -> list[int]:
        """Cells that define the function or class: code first, else other cells that hold nothing but code."""
        where = [i for i, p in enumerate(self.placed)
                 if not (p.slot is not None and p.slot.role != ANSWER and not p.edited) and self._may_define(i, task)]
        code = [i for i in where if self.placed[i].cell.kind == CODE]
        if any(not task.unwritten(self._whole(i, task)) for i in code):
            return code
        return [i for i in where if i in code or names_of(clean(self._whole(i, task)).source).parsed]

    def _whole(self, i: int, task: Task) -> str:
        """The text of a cell with what was torn off it."""
        return joined(self.texts[i], [self.texts[j] for j in self._free_after(i, task)])[0]

    def _may_define(self, i: int, task: Task) -> bool:
        return any(name in self.texts[i] for name in task.names) and defines(self.texts[i], task)

    def _answers_another(self, i: int, task: Task) -> bool:
        """A cell that carries this exercise's mark, but defines what another one asks for."""
        return any(self._may_define(i, other) for other in self.outline.tasks.values() if other is not task)

    def _choose(self, task: Task, pool: list[int], found: Found) -> int:
        """The last version that the student's own check saw: marked cells, and others that stand above the check."""
        if len(pool) == 1:
            return pool[0]
        marked = [i for i in pool if self.placed[i].slot is task.slot]
        tests = [i for i, p in enumerate(self.placed) if p.slot in task.tests]
        above = [i for i in pool if tests and i < tests[-1]]
        plain = [i for i in pool if i in marked or i in above]
        plain = plain or [i for i in pool if self.placed[i].slot is None] or pool
        chosen = plain[-1]
        versions = {normal(self.texts[i]) for i in pool}
        cells = [self.placed[i].cell for i in pool]
        found.note(say.several(task, cells, self.placed[chosen].cell, len(versions)), doubtful=len(versions) > 1)
        return chosen

    def _take(self, found: Found, labelled: list[int]) -> None:
        """The text of the chosen cell with its torn-off parts."""
        task, at = found.task, found.at
        source, found.parts = self.texts[at], {at}
        before = at - 1
        while before in labelled and normal(self.texts[before]) and not self._may_define(before, task):
            source, before = self.texts[before] + "\n\n" + source, before - 1
        after = self._free_after(at, task)
        source, count = joined(source, [self.texts[i] for i in after])
        parts = {*range(before + 1, at), *after[:count]}
        for i in after[count:]:  # marked as this answer, and no version of it: the rest of a cell that was split
            if self.placed[i].slot is not task.slot or self._may_define(i, task) or i != max({at, *parts}) + 1:
                break
            source += "\n\n" + self.texts[i]
            parts.add(i)
        if parts and any(normal(self.texts[i]) for i in parts):
            found.note(say.joined(task, len(parts) + 1))
        found.parts |= parts
        found.source = source
        found.repairs += self._notes(found)

    def _free_after(self, at: int, task: Task) -> list[int]:
        free = []
        for i in range(at + 1, min(at + 1 + MAX_JOINED, len(self.placed))):
            place = self.placed[i]
            mine = place.slot is None or place.slot is task.slot
            if not mine or place.foreign or place.cell.kind not in (CODE, self.placed[at].cell.kind):
                break
            free.append(i)
        return free

    def _notes(self, found: Found) -> list[Repair]:
        task, cell, notes = found.task, self.placed[found.at].cell, []
        slot = self.placed[found.at].slot
        if cell.kind != CODE:
            notes.append(Repair(say.retyped(task, cell), task.grade_id))
        if slot is not None and slot is not task.slot and slot.role != ANSWER:
            what = "a cell of the lesson" if slot.role == LESSON else "a locked cell"
            notes.append(Repair(say.elsewhere(task, what), task.grade_id, True))
        if task.names and not task.unwritten(found.source) and not defines(found.source, task):
            bound = names_of(clean(found.source).source)
            if bound.parsed and not bound.binds & task.names:
                notes.append(Repair(say.other_name(task, bound.defines), task.grade_id, True))
        if as_code(cell) != self.texts[found.at]:
            notes.append(Repair(say.merged(task), task.grade_id))
        return notes

    def _between_neighbours(self, task: Task, free: list[int]) -> list[int]:
        """Free cells between the nearest cells of the release above and below the answer cell."""
        order = {p.slot.at: i for i, p in reversed(list(enumerate(self.placed))) if p.slot is not None}
        above = [order[at] for at in range(task.slot.at - 1, -1, -1) if at in order][:1]
        below = [order[at] for at in range(task.slot.at + 1, len(self.outline.slots)) if at in order][:1]
        return [i for i in free if (above or [-1])[0] < i < (below or [len(self.placed)])[0]]


def _likeness(stub: str, text: str) -> float:
    """How much the heads and docstrings in a text are like those of the stub, from 0 to 1."""
    wanted, lines = _heads(stub), _heads(text[:COMPARED])
    if not wanted or not lines:
        return 0.0
    return sum(max(_ratio(line, other) for other in lines) for line in wanted) / len(wanted)


def _heads(text: str) -> list[str]:
    lines = [line.strip()[:160] for line in text.split("\n")]
    return [line for line in lines if line.startswith(("def ", "class ", '"""'))][:6]


def _ratio(one: str, other: str) -> float:
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= 0.5 and matcher.quick_ratio() >= 0.5 else 0.0
