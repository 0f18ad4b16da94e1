"""The slice of a notebook that its answers need: steps to run, found by the names that cells bind and use."""

import builtins
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from autograder.intake.answers import Found
from autograder.intake.cells import CODE
from autograder.intake.magics import clean
from autograder.intake.names import Names, names_of
from autograder.intake.order import Entry
from autograder.intake.outline import Outline
from autograder.model.assignment import ANSWER, LESSON
from autograder.model.submission import EXTRA, Step

BUILTINS = frozenset(dir(builtins))


def steps_of(made: Sequence[Entry], code: Mapping[str, str], outline: Outline) -> tuple[Step, ...]:
    """The code cells in order; `code` holds the runnable text of each code answer by grade_id."""
    steps = [step for entry in made if (step := _step(entry, code))]
    names = [names_of(step.source) for step in steps]
    wanted = _needed(steps, names, outline.setup_names)
    steps = [replace(step, needed=i in wanted) for i, step in enumerate(steps)]
    return tuple(_answers_last(steps, names, {g: f.names | f.values for g, f in outline.tasks.items()}))


def _step(entry: Entry, code: Mapping[str, str]) -> Step | None:
    if entry.kind == ANSWER:
        grade_id = entry.slot.grade_id
        return Step(ANSWER, code[grade_id], grade_id, grade_id) if grade_id in code else None
    if entry.kind == LESSON:
        if entry.slot.kind != CODE:
            return None
        return Step(LESSON, clean(entry.slot.source).source, f"lesson cell {entry.slot.at + 1}")
    if entry.cell.kind != CODE:
        return None
    return Step(EXTRA, clean(entry.cell.source).source, f"cell {entry.cell.number}")


def _needed(steps: Sequence[Step], names: Sequence[Names], setup: frozenset[str]) -> set[int]:
    """Indices of the steps that run: the answers, and what binds a name that these use, and so on."""
    waiting = [i for i, step in enumerate(steps) if step.kind == ANSWER]
    wanted = set(waiting)
    index = _Index(steps, names, setup)
    while waiting:
        i = waiting.pop()
        horizon = _horizon(steps, i)
        for name in names[i].free - BUILTINS:
            for j in index.givers(name, horizon):
                if j not in wanted:
                    wanted.add(j)
                    waiting.append(j)
    return wanted


def _horizon(steps: Sequence[Step], i: int) -> int:
    """A function reads its globals when it is called: cells added between an answer and its check count as well."""
    end = i
    if steps[i].kind == ANSWER:
        while end + 1 < len(steps) and steps[end + 1].kind == EXTRA:
            end += 1
    return end


class _Index:
    """Which steps bind and change each name."""

    def __init__(self, steps: Sequence[Step], names: Sequence[Names], setup: frozenset[str]):
        self.setup, self.extra = setup, {i for i, step in enumerate(steps) if step.kind == EXTRA}
        self.binding: dict[str, list[int]] = defaultdict(list)
        self.changing: dict[str, list[int]] = defaultdict(list)
        self.answered: set[str] = set()
        for i, step in enumerate(steps):
            if step.kind == ANSWER:
                self.answered |= names[i].binds
                continue
            for name in names[i].binds:
                self.binding[name].append(i)
            for name in names[i].changes:
                self.changing[name].append(i)
        self.wild = [i for i in sorted(self.extra) if names[i].wild]

    def givers(self, name: str, horizon: int) -> list[int]:
        """The steps that give `name` its value as it is seen at `horizon`: the last that binds it, what changes it."""
        if name in self.answered:
            return []
        binding, changing = self.binding.get(name, []), self.changing.get(name, [])
        if name in self.setup:  # a lesson that shadows a name of the setup cell does so for its own purpose
            return [i for i in (*binding, *changing) if i in self.extra]
        if not binding:  # nobody in plain sight: perhaps `from … import *` or exec does
            return [*changing, *self.wild]
        last = [i for i in binding if i <= horizon][-1:] or binding[:1]
        return [*last, *(i for i in changing if last[0] < i <= max(horizon, last[0]))]


def _answers_last(steps: list[Step], names: Sequence[Names], tasks: Mapping[str, frozenset[str]]) -> list[Step]:
    """A later cell that binds the name of an answer (a second try, a comparison) must not take the answer's place:
    the answer runs once more behind it."""
    done: dict[str, Step] = {}
    made: list[Step] = []
    for step, own in zip(steps, names, strict=True):
        made.append(step)
        if step.kind == ANSWER:
            done[step.grade_id] = step
            continue
        for grade_id, answer in done.items():
            if (own.wild and step.kind == EXTRA) or own.binds & tasks[grade_id]:
                made.append(replace(answer, needed=step.needed))
    return made


def answered_code(found: Mapping[str, Found]) -> list[Found]:
    """The code answers that are there."""
    return [f for f in found.values() if not f.task.manual and f.source is not None]
