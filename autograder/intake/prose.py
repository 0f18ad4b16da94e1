"""The answers in words: for each explain question the text that the student wrote."""

import re
from collections.abc import Sequence

from autograder.intake import say
from autograder.intake.answers import Found
from autograder.intake.cells import CODE
from autograder.intake.names import parse
from autograder.intake.outline import Outline, Task
from autograder.intake.places import BY_NAME, BY_PLACE, Placed
from autograder.intake.text import normal
from autograder.model.assignment import LESSON

PLACEHOLDER = "YOUR ANSWER HERE"
ALIKE = 0.6
HEADING = re.compile(r"\s*(#{1,2} |### (Exercise|Explain|Demo|Experiment)\b)")


def find_prose(placed: Sequence[Placed], outline: Outline, used: set[int]) -> dict[str, Found]:
    """The answer of every explain question; `used` are the cells that a code answer took."""
    finder = _Finder(placed, outline, set(used))
    manual = [task for task in outline.tasks.values() if task.manual]
    found = {task.grade_id: finder.marked(task) for task in manual}
    for task in manual:
        finder.complete(found[task.grade_id])
    return found


class _Finder:
    def __init__(self, placed: Sequence[Placed], outline: Outline, used: set[int]):
        self.placed, self.outline, self.used = placed, outline, used

    def marked(self, task: Task) -> Found:
        """By grade_id, cell id or the text of the question."""
        found = Found(task)
        where = [i for i, p in enumerate(self.placed) if p.slot is task.slot and i not in self.used]
        if not where:
            where = [i for i, p in enumerate(self.placed)
                     if p.slot is None and i not in self.used and self._asks(task, p.cell.source)]
            if where:
                found.note(say.by_heading(task))
        if not where:
            return found
        written = [i for i in where if not task.unwritten(self._text(i))] or where[:1]
        texts = list(dict.fromkeys(self._text(i).strip("\n") for i in written))
        if len(texts) > 1:
            cells = [self.placed[i].cell for i in written]
            found.note(say.several(task, cells, cells[-1], len(texts)) + " All of them are kept.", doubtful=True)
        found.at, found.parts, found.source = written[-1], set(where), "\n\n".join(texts)
        found.how = self.placed[found.at].how or BY_NAME
        if self.placed[found.at].cell.kind == CODE:
            found.note(say.retyped(task, self.placed[found.at].cell))
        self.used |= found.parts
        return found

    def complete(self, found: Found) -> None:
        """Text in added cells right below belongs to the answer; without a marked cell, text in its place is it."""
        task = found.task
        begin = found.at if found.at is not None else self._neighbour(task)
        below = self._added_below(begin) if begin is not None else []
        if not below and (found.source is None or task.unwritten(found.source)):
            self._in_the_prompt(found)
            return
        if not below:
            return
        text = "\n\n".join(self._text(i).strip("\n") for i in below)
        if found.at is None:
            found.at, found.how, found.source = below[0], BY_PLACE, text
            found.note(say.below(task, self.placed[below[0]].cell))
        else:
            found.source = f"{found.source}\n\n{text}"
            found.note(say.appended(task, len(below)))
        found.parts |= set(below)
        self.used |= found.parts

    def _text(self, i: int) -> str:
        return self.placed[i].cell.source

    def _asks(self, task: Task, text: str) -> bool:
        """Whether most lines of the question stand in `text`."""
        wanted = [line for line in task.slot.normal.split("\n") if line != PLACEHOLDER]
        lines = set(normal(text).split("\n"))
        return bool(wanted) and sum(line in lines for line in wanted) >= ALIKE * len(wanted)

    def _neighbour(self, task: Task) -> int | None:
        """The cell above the place where the answer should be: the nearest one of the release."""
        order = {p.slot.at: i for i, p in enumerate(self.placed) if p.slot is not None}
        return next((order[at] for at in range(task.slot.at - 1, -1, -1) if at in order), None)

    def _added_below(self, at: int) -> list[int]:
        """Added cells of words right below `at`, up to the next cell of the release."""
        below = []
        for i in range(at + 1, len(self.placed)):
            cell = self.placed[i].cell
            if self.placed[i].slot is not None or self.placed[i].foreign or i in self.used:
                break
            if not normal(cell.source):
                continue
            if HEADING.match(cell.source):  # the next section of some other release
                break
            if cell.kind == CODE and parse(cell.source) is not None:
                break
            below.append(i)
        return below

    def _in_the_prompt(self, found: Found) -> None:
        """The text that was added to the cell above, which asks the question; else nothing was found."""
        task = found.task
        prompt = self.outline.slots[task.slot.at - 1]
        known = set(prompt.normal.split("\n"))
        for i, p in enumerate(self.placed):
            if p.slot is not prompt or not p.edited or prompt.role != LESSON or prompt.kind == CODE:
                continue
            added = [line for line in normal(p.cell.source).split("\n") if line not in known and line != PLACEHOLDER]
            if added:
                found.at, found.source, found.how = i, "\n".join(added), BY_PLACE
                found.note(say.elsewhere(task, "the cell that asks the question"), doubtful=True)
                return
        if found.source is None:
            found.note(say.missing(task), doubtful=True)
