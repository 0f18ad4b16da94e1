"""Submissions made by hand, as the intake would read them."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from autograder.course import Course
from autograder.model.assignment import ANSWER, Assignment, grade_id_of, kind_of
from autograder.model.submission import EXTRA, Step, Submission

ROOT = Path(__file__).resolve().parents[3]


@cache
def course() -> Course:
    return Course.load(ROOT)


@cache
def assignment(name: str) -> Assignment:
    """A unit of this checkout."""
    return Assignment.read(course(), course().units[name])


def solutions(one: Assignment) -> dict[str, str]:
    """The model answers, code and prose."""
    return {e.grade_id: e.solution.source for e in one.exercises}


def stubs(one: Assignment) -> dict[str, str]:
    """What the release holds in place of the answers."""
    return {grade_id_of(c): c.source for c in one.release.cells if kind_of(c) == ANSWER}


def submission(
    one: Assignment, answers: Mapping[str, str | None], *, extra: Iterable[Step] = (), student: str = "anna",
    refused: str | None = None, before: Iterable[Step] = (), attachments: Mapping[str, Path] | None = None,
) -> Submission:
    """Answers in the order of the notebook, cells `before` them, and `extra` cells after them."""
    coded = [e.grade_id for e in one.coded if answers.get(e.grade_id) is not None]
    steps = [*before, *(Step("answer", answers[g], g, g) for g in coded), *extra]
    every = {e.grade_id: answers.get(e.grade_id) for e in one.exercises}
    return Submission(student, student, "0" * 64, tuple(steps), every, (), one.release, refused=refused,
                      attachments=dict(attachments or {}))


def extra(source: str, label: str = "cell 9", *, needed: bool = True) -> Step:
    """A cell that the student added."""
    return Step(EXTRA, source, label, None, needed)
