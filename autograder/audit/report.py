"""What the gates found, as data: per unit, per exercise, and a list of failures that each say how to mend them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder.errors import CourseError, short_path


@dataclass(frozen=True)
class Failure:
    """One demand that is not met: which gate, what was seen, where, and what to do."""

    gate: str
    message: str
    exercise: str = ""
    file: Path | None = None
    line: int | None = None
    mend: str = ""

    def place(self) -> str:
        """File and line for a person, or nothing."""
        return "" if self.file is None else short_path(self.file) + (f":{self.line}" if self.line else "")


@dataclass(frozen=True)
class Count:
    """So many of so many, as in "wrong answers rejected 3/4"."""

    good: int
    total: int

    def __str__(self) -> str:
        return f"{self.good}/{self.total}"


@dataclass
class ExerciseReport:
    """One exercise; a value that was not measured is None. Scores are points, `seconds` those of the graded cells."""

    grade_id: str
    points: float
    manual: bool
    solution: float | None = None
    blank: float | None = None
    wrong: Count | None = None
    right: Count | None = None
    mutants: Count | None = None
    seconds: float | None = None
    peak_bytes: int | None = None


@dataclass
class UnitReport:
    """One unit. `seconds` and `peak_bytes` are those of the solved notebook, run top to bottom by stock nbgrader."""

    name: str
    exercises: dict[str, ExerciseReport] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    seconds: float | None = None
    peak_bytes: int | None = None
    test_seconds: float | None = None
    leaks: int | None = None

    @property
    def passed(self) -> bool:
        """Whether every gate that ran was met."""
        return not self.failures

    def fail(self, gate: str, message: str, **place) -> None:
        """Add a `Failure`; `place` holds exercise, file, line, mend."""
        self.failures.append(Failure(gate, message, **place))

    def fail_from(self, gate: str, error: CourseError) -> None:
        """Add the failures that a `CourseError` tells of."""
        for one in getattr(error, "errors", [error]):
            self.fail(gate, one.message, file=one.file, line=one.line, mend=one.mend)


def to_json(reports: Iterable[UnitReport], *, seed: str, wall_seconds: float) -> dict:
    """The whole audit as JSON data: `{"passed", "seed", "seconds", "units": {name: …}}`."""
    reports = list(reports)
    units = {}
    for report in reports:
        data = {key: value for key, value in asdict(report).items() if key != "name"}
        data["passed"] = report.passed
        for failure in data["failures"]:
            failure["file"] = None if failure["file"] is None else short_path(failure["file"])
        units[report.name] = data
    return {
        "passed": all(r.passed for r in reports), "seed": seed, "seconds": round(wall_seconds, 1), "units": units,
    }
