"""A graded class: the newest records of `course grade`, with what people added in the gradebook."""

import hashlib
from dataclasses import dataclass, field
from urllib.parse import quote

from autograder.course import Course, Unit
from autograder.errors import CourseError, closest
from autograder.evidence.chain import chain_file, read_chain
from autograder.evidence.record import Record
from autograder.evidence.secret import evidence_key, grading_seed
from autograder.gradebook.settings import Settings
from autograder.model.examination import MANUAL, CheckResult
from autograder.pages.by_hand import ByHand, HandGrade, read_by_hand

__all__ = ["Marked", "file_name", "latest_class", "read_class", "records_of"]

MOST_CHARACTERS = 120
"""Of a file name; systems allow 255 bytes."""


@dataclass(frozen=True)
class Marked:
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
) -> list[Marked]:
    """The latest record of every student, or of the named ones, by id.

    Raises:
        CourseError: nothing is graded yet, a record was changed, a student is not among them, or the gradebook cannot
            be read.
    """
    records = {record.student: record for record in latest_class(course, unit)}
    for student in students or []:
        if student not in records:
            raise CourseError(f"no record of {student!r} in {unit.name}", mend=closest(student, records))
    by_hand = read_by_hand(unit.name, Settings.read(course.root, db_url).db_url)
    return [Marked(records[s], by_hand.get(s, ByHand())) for s in dict.fromkeys(students or sorted(records))]


def latest_class(course: Course, unit: Unit) -> list[Record]:
    """Every student's newest record in the chain, by id. Only reads, so that it may run beside `course grade`.

    Raises:
        CourseError: nothing is graded yet, or the chain was changed.
    """
    build = course.root / "build"
    file = chain_file(build, unit.name)
    if not file.exists():
        raise CourseError(f"nothing of {unit.name} is graded yet", mend=f"course grade {unit.name}")
    key = evidence_key(grading_seed(build))
    reading = read_chain(file, key)
    if not reading.sound:  # once more: a grader at work may have added a line between our look at chain and head
        reading = read_chain(file, key)
    if not reading.sound:
        raise CourseError("this evidence was changed, so no page is made of it", file, None,
                          f"see `course verify-grades {unit.name}`")
    newest = {line.record["student"]: line.record for line in reading.lines}
    return [Record.from_json(newest[student]) for student in sorted(newest)]


def records_of(course: Course, unit: Unit) -> dict[str, Record]:
    """Student → newest record; empty where `course grade` has graded nothing.

    Raises:
        CourseError: a record was changed.
    """
    if not chain_file(course.root / "build", unit.name).exists():
        return {}
    return {record.student: record for record in latest_class(course, unit)}


def file_name(student: str) -> str:
    """A student's id as one harmless name of a folder: `../x` → `%2E.%2Fx`. Different ids get different names."""
    safe = quote(student.encode("utf-8", "replace"), safe="@+ -_.") or "%"
    if len(safe) > MOST_CHARACTERS:
        digest = hashlib.sha256(student.encode("utf-8", "replace")).hexdigest()
        safe = f"{safe[: MOST_CHARACTERS - 20]}%{digest[:16]}"
    return f"%2E{safe[1:]}" if safe.startswith(".") else safe
