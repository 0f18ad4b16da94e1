"""The outcome of grading one submission."""

from dataclasses import asdict, dataclass, field
from typing import Any

PASSED = "passed"
"""The graded cell ran to its end in the grader: full points."""
WRONG = "wrong"
"""A check rejected the answer; the message teaches."""
MISSING = "missing"
"""The answer is not there, or not written yet."""
CRASHED = "crashed"
"""The student's process died during this exercise (memory, exit, a signal)."""
TIMEOUT = "timeout"
"""No reply within the time limit."""
REFUSED = "refused"
"""The file could not be read, or the answer broke a limit on data."""
MANUAL = "manual"
"""A question in words: a person grades it. An empty one is MISSING."""
BROKEN = "broken"
"""The check itself failed: a fault of the course, never of the student. No score; the instructor is told."""
STATUSES = (PASSED, WRONG, MISSING, CRASHED, TIMEOUT, REFUSED, MANUAL, BROKEN)


@dataclass(frozen=True)
class CheckResult:
    """One graded cell.

    Args:
        grade_id: of the graded cell (the explain question's own for MANUAL).
        exercise: grade_id of the answer cell it belongs to.
        points: the most.
        score: what was given; None while a person has to grade it.
        status: one of STATUSES.
        message: for the student; "" when there is nothing to say. Plain text, capped.
        printed: what the check printed (the "✓" line), capped.
        measured: name → value of what the check measured (the score of a trained model), for the leaderboard.
    """

    grade_id: str
    exercise: str
    points: float
    score: float | None
    status: str
    message: str = ""
    printed: str = ""
    measured: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class CellFault:
    """A cell of the notebook that raised, crashed or ran out of time while it was set up for the checks."""

    label: str
    grade_id: str | None
    status: str
    message: str


@dataclass(frozen=True)
class Examination:
    """All that the examiner found. `results` and `faults` are the same for the same submission; the rest is measured.

    Args:
        results: one per graded cell and per explain question, in the order of the notebook.
        faults: cells that failed.
        sandbox: "bwrap", "docker", "podman" or "none".
        output: the head and tail of what the submission printed, capped.
        output_bytes: how much it printed in all.
        seconds: wall time. exercise_seconds: grade_id of the graded cell → wall time.
        peak_bytes: the most memory that the processes added to the libraries loaded before they began, as far as looks
            every 50 ms saw it: a lower bound.
        sessions: how many processes were needed (1 unless something died).
    """

    results: tuple[CheckResult, ...]
    faults: tuple[CellFault, ...] = ()
    sandbox: str = "none"
    output: str = ""
    output_bytes: int = 0
    seconds: float = 0.0
    exercise_seconds: dict[str, float] | None = None
    peak_bytes: int = 0
    sessions: int = 1

    @property
    def score(self) -> float:
        """Points so far; what a person has still to grade counts 0."""
        return sum(r.score or 0.0 for r in self.results)

    @property
    def points(self) -> float:
        """The most."""
        return sum(r.points for r in self.results)

    def verdict(self) -> dict[str, Any]:
        """The part that must not change when the same submission is graded again."""
        return {"results": [asdict(r) for r in self.results], "faults": [asdict(f) for f in self.faults]}
