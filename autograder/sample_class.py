"""A small class: right, wrong, damaged and empty submissions of one unit, and what nbgrader made of each."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

from nbformat import NotebookNode

from autograder.audit.answers import NamedAnswer, read_answers
from autograder.audit.gradebook import reason
from autograder.audit.subject import AuditedUnit
from autograder.processes import Completed
from autograder.stock import CellScore, solved_answers, with_answers

LIMIT_SECONDS = 300


@dataclass
class Submission:
    """One student: a name, what is special about the work, the file handed in, and what nbgrader made of it."""

    student: str
    about: str
    notebook: NotebookNode | str
    completed: Completed | None = None
    scores: dict[str, CellScore] = field(default_factory=dict)
    graded: NotebookNode | None = None


def small_class(audited: AuditedUnit, release: NotebookNode) -> Iterator[Submission]:
    """Right, wrong, damaged and empty submissions made from the release and the unit's named answers."""
    import nbformat

    solution = solved_answers(audited.solved)
    answers = read_answers(audited)
    complete = with_answers(release, solution)
    yield Submission("right", "the model solution", complete)
    others = _one_each(answers, right=True)
    if others:
        yield Submission("right_otherwise", "right answers written another way",
                         with_answers(release, solution | {a.grade_id: a.code for a in others}))
    wrong = _one_each(answers, right=False)
    if wrong:
        yield Submission("wrong_once", f"one mistake: {wrong[-1].title}",
                         with_answers(release, solution | {wrong[-1].grade_id: wrong[-1].code}))
        yield Submission("wrong_everywhere", "a mistake in every exercise",
                         with_answers(release, solution | {a.grade_id: a.code for a in wrong}))
    text = nbformat.writes(complete)
    yield Submission("damaged_file", "the upload broke off in the middle", text[: len(text) // 2])
    stripped = copy.deepcopy(complete)
    for cell in stripped.cells:
        cell.metadata = NotebookNode()
    yield Submission("damaged_metadata", "saved by a program that drops all cell metadata", stripped)
    first = audited.coded[0].tests[0].metadata.nbgrader.grade_id
    deleted = copy.deepcopy(complete)
    deleted.cells = [c for c in deleted.cells if c.metadata.get("nbgrader", {}).get("grade_id") != first]
    yield Submission("damaged_cells", f"the graded cell {first} was deleted", deleted)
    yield Submission("empty", "the blank release", release)


def total(audited: AuditedUnit, submission: Submission) -> tuple[float, float]:
    """Points that nbgrader gave for the exercises that it grades itself, and the most it could give."""
    names = [cell.metadata.nbgrader.grade_id for exercise in audited.coded for cell in exercise.tests]
    got = sum((submission.scores[n].score or 0.0) for n in names if n in submission.scores)
    return got, sum(exercise.points for exercise in audited.coded)


def reasons(audited: AuditedUnit, submission: Submission) -> Iterator[tuple[str, str]]:
    """(exercise, why) for every loss; a file that nbgrader could not grade has one reason for all of it."""
    if submission.graded is None:
        yield "(whole file)", _log_reason(submission.completed)
        return
    present = {c.metadata.get("nbgrader", {}).get("grade_id") for c in submission.graded.cells}
    names = {cell.metadata.nbgrader.grade_id: e for e in audited.coded for cell in e.tests}
    if present <= {None}:
        yield "(whole file)", "nbgrader knows graded cells by their metadata, and none is left: no score"
        return
    for name, exercise in names.items():
        score = submission.scores.get(name)
        if name not in present:
            yield exercise.grade_id, f"the graded cell {name} is missing, so nbgrader gives no score"
        elif score is None or score.score != score.points:
            yield exercise.grade_id, reason(submission.graded, name)


def as_expected(audited: AuditedUnit, submissions: list[Submission]) -> bool:
    """Right work has all points, empty work none, and work with mistakes not all."""
    for submission in submissions:
        got, most = total(audited, submission)
        kind = submission.student.split("_")[0]
        if {"right": got != most, "empty": got > 0}.get(kind, got >= most):
            return False
    return True


def _one_each(answers: list[NamedAnswer], *, right: bool) -> list[NamedAnswer]:
    """The first right (or wrong) answer of every exercise."""
    return list({a.grade_id: a for a in reversed(answers) if a.right is right}.values())[::-1]


def _log_reason(completed: Completed) -> str:
    """The line of nbgrader's log that says why it gave up."""
    if completed.timed_out:
        return f"stopped after {LIMIT_SECONDS} s"
    lines = [line.strip() for line in completed.output.splitlines() if line.strip()]
    errors = [line for line in lines if "Error:" in line and not line.startswith("File ")]
    said = errors[-1] if errors else lines[-1] if lines else "nbgrader said nothing"
    return f"nbgrader could not grade it: {said[:300]}"
