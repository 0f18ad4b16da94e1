"""A graded class: the records of `course grade`, with what people added in the gradebook."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from autograder.course import Course, Unit
from autograder.errors import CourseError, closest
from autograder.evidence.record import Record
from autograder.model.examination import MANUAL, CheckResult
from autograder.pages.by_hand import ByHand, HandGrade, gradebook_url, read_by_hand

__all__ = ["Graded", "file_name", "read_class"]

MOST_BYTES = 64 << 20
"""A record beyond it is not read: `course grade` writes a few hundred kilobytes."""


@dataclass(frozen=True)
class Graded:
    """One submission with its final scores."""

    record: Record
    by_hand: ByHand = field(default_factory=ByHand)

    def hand(self, result: CheckResult) -> HandGrade:
        """What a person did to this graded cell."""
        return self.by_hand.grades.get(result.grade_id, HandGrade())

    def score_of(self, result: CheckResult) -> float | None:
        """Final points of one graded cell; None while a person has to give them."""
        hand = self.hand(result)
        if hand.score is not None:
            return hand.score
        return None if result.score is None else result.score + hand.extra

    @property
    def waiting(self) -> list[CheckResult]:
        """Graded cells without points yet."""
        return [result for result in self.record.results if self.score_of(result) is None]

    @property
    def penalty(self) -> float:
        """Points taken off for lateness."""
        return self.by_hand.penalty

    @property
    def score(self) -> float:
        """Points so far, the penalty taken off; never below 0."""
        return max(0.0, sum(self.score_of(result) or 0.0 for result in self.record.results) - self.penalty)

    @property
    def open_points(self) -> float:
        """Points that a person has still to decide about."""
        return sum(result.points for result in self.waiting)

    @property
    def needs_person(self) -> bool:
        """A question to mark, or a doubt to settle."""
        marked = any(self.hand(result).waiting for result in self.record.results)
        return marked or any(r.status == MANUAL for r in self.waiting)


def read_class(
    course: Course, unit: Unit, *, students: list[str] | None = None, db_url: str | None = None
) -> tuple[list[Graded], list[CourseError]]:
    """The latest record of every student, by id, and the files that are no records.

    Raises:
        CourseError: nothing is graded yet, a student is not among them, or the gradebook cannot be read.
    """
    folder = course.root / "build" / "grades" / unit.name
    latest: dict[str, Record] = {}
    faults: list[CourseError] = []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        try:
            record = _record(path)
        except CourseError as error:
            faults.append(error)
            continue
        known = latest.get(record.student)
        if record.unit == unit.name and (known is None or _when(record) >= _when(known)):
            latest[record.student] = record
    if not latest:
        raise faults[0] if faults else CourseError(f"nothing of {unit.name} is graded yet",
                                                   mend=f"course grade {unit.name}")
    for student in students or []:
        if student not in latest:
            raise CourseError(f"no record of {student!r} in {unit.name}", mend=closest(student, latest))
    by_hand = read_by_hand(unit.name, db_url or gradebook_url(course))
    wanted = students or sorted(latest)
    return [Graded(latest[s], by_hand.get(s, ByHand())) for s in wanted], faults


def file_name(student: str) -> str:
    """A student's id as one harmless name of a folder: `../x` → `%2E.%2Fx`."""
    safe = quote(student.encode("utf-8", "replace"), safe="@+ -_.")
    return f"%2E{safe[1:]}" if safe.startswith(".") else safe or "%"


def _record(path: Path) -> Record:
    mend = "delete it and run `course grade` again"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CourseError("too large for a record", path, None, mend)
        return Record.from_json(json.loads(path.read_text(encoding="utf-8")))
    except CourseError as error:
        raise CourseError(error.message, path, None, mend) from None
    except (OSError, ValueError, RecursionError) as error:
        raise CourseError(f"not a record: {error}", path, None, mend) from None


def _when(record: Record) -> str:
    return str(record.run.get("started", ""))
