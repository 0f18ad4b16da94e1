"""A unit as the grader sees it: what students received, what they must write, and the tests that they never see."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from nbformat import NotebookNode

from autograder.course import Course, Unit
from autograder.source import Exercise, exercises, read_source

SETUP, LESSON, ANSWER, TEST = "setup", "lesson", "answer", "test"


@dataclass(frozen=True)
class Assignment:
    """The instructor's side of one unit.

    Args:
        name: of the unit, for example "02_stft".
        solved: the solved notebook: solutions, hidden tests, mark schemes. Never leaves the grader.
        release: the notebook that students received.
    """

    name: str
    solved: NotebookNode
    release: NotebookNode

    @classmethod
    def read(cls, course: Course, unit: Unit) -> "Assignment":
        """Build both notebooks from the percent source.

        Raises:
            CourseError: the source breaks a rule of the unit contract.
        """
        from autograder.release import make_release  # nbconvert: workers get the release ready-made

        solved = read_source(course, unit)
        return cls(unit.name, solved, make_release(solved))

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        """Code exercises and explain questions in order, with the instructor's test cells (hidden tests included)."""
        return tuple(exercises(self.solved))

    @property
    def coded(self) -> tuple[Exercise, ...]:
        """The exercises that the computer grades."""
        return tuple(e for e in self.exercises if not e.manual)

    @property
    def explained(self) -> tuple[Exercise, ...]:
        """The questions in words that a person grades."""
        return tuple(e for e in self.exercises if e.manual)

    @property
    def setup(self) -> str:
        """Source of the generated setup cell."""
        return next(c.source for c in self.release.cells if kind_of(c) == SETUP)

    @property
    def points(self) -> float:
        """The most a student can get."""
        return sum(e.points for e in self.exercises)

    @cached_property
    def digest(self) -> str:
        """A hash of all that decides a score: text and grading metadata of the solved notebook's cells."""
        cells = [[c.cell_type, c.source, c.metadata.get("nbgrader", {})] for c in self.solved.cells]
        return hashlib.sha256(json.dumps([self.name, cells], sort_keys=True).encode()).hexdigest()


def kind_of(cell: NotebookNode) -> str:
    """Which role a cell of a release or solved notebook plays: setup, lesson (prose too), answer or test."""
    if cell.metadata.get("course", {}).get("generated") == "setup":
        return SETUP
    graded = cell.metadata.get("nbgrader", {})
    if graded.get("solution"):
        return ANSWER
    return TEST if graded.get("grade") else LESSON


def grade_id_of(cell: NotebookNode) -> str | None:
    """The grade_id of a cell, if it has one."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")
