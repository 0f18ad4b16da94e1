"""Questions in words: a person grades what was written; what was not written is missing."""

from autograder.examine.judge import Verdict
from autograder.model.assignment import Assignment, grade_id_of
from autograder.model.examination import MANUAL, MISSING

PLACEHOLDER = "YOUR ANSWER HERE"


def prose_verdict(assignment: Assignment, grade_id: str, answer: str | None) -> Verdict:
    """MANUAL if something was written beside what the release holds, else MISSING."""
    stub = next(c.source for c in assignment.release.cells if grade_id_of(c) == grade_id)
    if answer is None:
        return Verdict(MISSING, "the answer cell was not found.")
    if _words(answer) in ([], _words(stub)):
        return Verdict(MISSING, "nothing was written.")
    return Verdict(MANUAL)


def _words(text: str) -> list[str]:
    return text.replace(PLACEHOLDER, " ").split()
