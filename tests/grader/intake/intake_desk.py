"""The real units as assignments, and notebooks made from them."""

import re

import nbformat

from autograder.course import Course
from autograder.intake import read
from autograder.model.assignment import Assignment
from autograder.model.submission import HandedIn
from autograder.stock import solved_answers, with_answers

COURSE = Course.load()
UNITS = list(COURSE.units)


def as_written(solution: str) -> str:
    """A model answer without the marks of the source: as a student would have it."""
    text = re.sub(r"=== BEGIN MARK SCHEME ===.*?=== END MARK SCHEME ===\n?", "", solution, flags=re.S)
    lines = [line for line in text.split("\n") if not re.match(r"\s*### (BEGIN|END) SOLUTION", line)]
    return "\n".join(lines).strip("\n")


class Desk:
    """One unit: its assignment, the model answers, and a way to hand something in."""

    def __init__(self, name: str):
        self.assignment = Assignment.read(COURSE, COURSE.units[name])
        self.answers = {name: as_written(text) for name, text in solved_answers(self.assignment.solved).items()}

    def notebook(self, answers=None):
        """The release with answers in it; the model answers if none are given."""
        return with_answers(self.assignment.release, self.answers if answers is None else answers)

    def read(self, handed_in, **more):
        """Read a notebook, a text or bytes."""
        if not isinstance(handed_in, str | bytes):
            handed_in = nbformat.writes(handed_in)
        data = handed_in if isinstance(handed_in, bytes) else handed_in.encode()
        return read(HandedIn("anna", "Anna", data, **more), self.assignment)


_DESKS: dict[str, Desk] = {}


def desk_of(name: str) -> Desk:
    """The desk of a unit, made once per process."""
    if name not in _DESKS:
        _DESKS[name] = Desk(name)
    return _DESKS[name]


def cell_of(notebook, grade_id):
    """The index of the cell with this grade_id."""
    return next(i for i, c in enumerate(notebook.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


OWN = "def decibels(X, floor=-80.0):\n    return X.abs()"


def runs(read, grade_id):
    """The source of the step that answers."""
    return next(step.source for step in read.steps if step.grade_id == grade_id)


def doubts(read):
    """What the doubtful repairs concern."""
    return [r.grade_id for r in read.repairs if r.doubtful]


def insert_after(notebook, grade_id, *cells):
    """Put cells behind an answer or test."""
    at = cell_of(notebook, grade_id) + 1
    notebook.cells[at:at] = list(cells)
