"""What the gradebook keeps of a grade: points of the computer and of a person, and whether a person must look."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.gradebook.inert import inert_markdown
from autograder.model.examination import MISSING, CheckResult
from autograder.model.submission import Submission

SAME, CHANGED, UNKNOWN = "same", "changed", "unknown"
"""The answer compared with the one that was written last; unknown where nothing tells, or a doubt is new."""


@dataclass(frozen=True)
class Freshness:
    """A submission compared with what was written last.

    Args:
        answers: grade_id → SAME, CHANGED or UNKNOWN.
        flags: whether there is a flag that a person has not seen yet.
        cleared: whether there were flags, and a new hand-in has none.
    """

    answers: Mapping[str, str]
    flags: bool = False
    cleared: bool = False


@dataclass(frozen=True)
class Entry:
    """One graded cell in the gradebook.

    Args:
        auto: points given by the computer; None: it cannot tell.
        manual: points given by a person, who has the last word.
        extra: points on top, given by a person.
        waits: a person has still to look.
    """

    auto: float | None
    manual: float | None = None
    extra: float | None = None
    waits: bool = False

    @property
    def score(self) -> float:
        """Points as nbgrader counts them: the person's, else the computer's, else 0; and what came on top."""
        base = self.manual if self.manual is not None else self.auto
        return 0.0 if base is None else base + (self.extra or 0.0)


def decide(result: CheckResult, doubtful: bool, before: Entry | None, answer: str) -> Entry:
    """The new entry of a graded cell.

    Args:
        result: of the examiner.
        doubtful: whether a repair of this answer has to be looked at.
        before: what stood in the gradebook.
        answer: SAME, CHANGED or UNKNOWN.

    A grade given by a person stays as long as the answer stays, and waits for another look when the computer changed
    its mind. It falls with the answer that it was given to.
    """
    wanted = result.score is None or doubtful
    if before is None or answer == CHANGED:
        return Entry(result.score, waits=wanted)
    if answer == SAME and before.auto == result.score:
        return Entry(result.score, before.manual, before.extra, before.waits)
    given = before.manual is not None
    return Entry(result.score, before.manual, before.extra, wanted or given)


def doubtful_exercises(submission: Submission) -> frozenset[str]:
    """The grade_ids of the answers whose repair a person should look at: all of them where the file was refused."""
    if submission.refused:
        return frozenset(submission.answers)
    return frozenset(r.grade_id for r in submission.repairs if r.doubtful and r.grade_id)


def comment_on(submission: Submission, exercise: str, results: Iterable[CheckResult]) -> str | None:
    """The gradebook's own comment on an answer: what was repaired, and that nothing was handed in; else None."""
    said = [r.what for r in submission.repairs if r.grade_id == exercise]
    if any(r.status == MISSING for r in results):
        said.append("No response.")
    return inert_markdown("\n\n".join(said)) or None
