"""What happened when an answer met its graded cells, as plain data that crosses between processes."""

from dataclasses import asdict, dataclass, field

PASSED = "passed"
CHECK_FAILED = "check failed"
ERROR = "error"
TIMEOUT = "timeout"
CRASHED = "crashed"


@dataclass(frozen=True)
class Job:
    """One answer to try.

    Args:
        id: comes back on the outcome.
        answer: source of the answer cell.
        tests: sources of the exercise's graded cells.
        seconds: wall-clock limit.
        seed: private grading seed.
        preload: import in the warm process what this job imported, so that later jobs find it loaded.
    """

    id: str
    answer: str
    tests: tuple[str, ...]
    seconds: float = 60.0
    seed: str = "audit"
    preload: bool = False

    def to_json(self) -> dict:
        """The job as JSON data."""
        return asdict(self)


@dataclass(frozen=True)
class Outcome:
    """The result of one job.

    `status` is PASSED, CHECK_FAILED (a check said no, and nothing else went wrong), ERROR (any other exception, in
    the answer or in a graded cell), TIMEOUT or CRASHED (the process died: signal, memory). `message` says why.
    `value` is the repr of what a graded cell left as its last expression: nbgrader reads a number there as partial
    credit.
    """

    id: str
    status: str
    message: str = ""
    stdout: str = ""
    stderr: str = ""
    value: str | None = None
    seconds: float = 0.0
    peak_bytes: int = 0
    modules: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_json(cls, data: dict) -> "Outcome":
        """The outcome that `warm` wrote."""
        return cls(**{**data, "modules": tuple(data.get("modules", ()))})
