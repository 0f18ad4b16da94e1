"""One hostile or unlucky submission: how it is made, and what grading must make of it."""

import copy
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder.model.assignment import Assignment, grade_id_of
from autograder.model.examination import CRASHED, MANUAL, MISSING, PASSED, REFUSED, TIMEOUT, WRONG
from autograder.stock import solved_answers, with_answers

START, STFT, TASNET = "00_start", "02_stft", "19_tasnet"
ZERO = (WRONG, MISSING, CRASHED, TIMEOUT, REFUSED)
"""Every definite zero. BROKEN is none: it would put the blame on the course and leave the score open."""
MANUAL_OR_MISSING = (MANUAL, MISSING)
TOKEN = "course-adversary-8d1c"
"""In the name of every file and process that an attack leaves: what carries it afterwards has survived."""


class Kit:
    """The notebooks of one unit, from which submissions are made."""

    def __init__(self, assignment: Assignment):
        self.assignment = assignment
        self.solution = solved_answers(assignment.solved)

    def release(self) -> NotebookNode:
        """The blank release."""
        return copy.deepcopy(self.assignment.release)

    def solved(self, **answers: str) -> NotebookNode:
        """The release with the model solution in it, the given answers in its place."""
        return with_answers(self.assignment.release, self.solution | answers)

    def at(self, notebook: NotebookNode, grade_id: str) -> int:
        """The position of the cell with this grade_id."""
        return next(i for i, cell in enumerate(notebook.cells) if grade_id_of(cell) == grade_id)

    def cell(self, notebook: NotebookNode, grade_id: str) -> NotebookNode:
        """The cell with this grade_id."""
        return notebook.cells[self.at(notebook, grade_id)]

    def insert(self, notebook: NotebookNode, grade_id: str, source: str, *, after: bool = False) -> NotebookNode:
        """Put a code cell of the student's own before (or after) the cell with this grade_id."""
        cell = nbformat.v4.new_code_cell(textwrap.dedent(source).strip("\n"))
        notebook.cells.insert(self.at(notebook, grade_id) + after, cell)
        return notebook


Work = NotebookNode | str | bytes


@dataclass(frozen=True)
class Case:
    """A submission and its verdict.

    Args:
        name: unique.
        unit: "00_start", "02_stft" or "19_tasnet".
        story: what a cheat would gain, or what an honest student would lose.
        make: builds the file from the unit's kit.
        expect: grade_id of an answer → the statuses allowed. Every exercise that is not named must be PASSED.
        says: words that the message of the first expected exercise must hold.
        flagged: True: a person must be told; False: nothing may be flagged; None: either.
        hurry: factor on the limits of time, for cases that are meant to run into them.
        beside: further files handed in with the notebook, name → content.
    """

    name: str
    unit: str
    story: str
    make: Callable[[Kit], Work]
    expect: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    says: str = ""
    flagged: bool | None = None
    hurry: float = 1.0
    beside: Mapping[str, str] = field(default_factory=dict)


def answer(name: str, story: str, code: str, *, unit: str = START, to: str = "rms_dbfs", status=ZERO, before: str = "",
           also: tuple[str, ...] = (), **options) -> Case:
    """The solved notebook with `code` in the answer cell `to`, and a cell of the student's own `before` it.

    The exercises `also` may suffer with it.

    A form feed in `code` parts pieces that are indented differently.
    """
    code = "\n".join(textwrap.dedent(piece).strip("\n") for piece in code.split("\f"))

    def make(kit: Kit) -> NotebookNode:
        notebook = kit.solved(**{to: code})
        return kit.insert(notebook, to, before) if before else notebook

    expect = {to: (status,) if isinstance(status, str) else status} | dict.fromkeys(also, (PASSED, WRONG))
    return Case(name, unit, story, make, expect, **options)


def honest(name: str, story: str, make: Callable[[Kit], Work] | str, *, unit: str = START, to: str = "rms_dbfs",
           **options) -> Case:
    """A right submission; `make` builds it, or is the code of the answer cell `to`."""
    if isinstance(make, str):
        return answer(name, story, make, unit=unit, to=to, status=PASSED, **options)
    return Case(name, unit, story, make, **options)
