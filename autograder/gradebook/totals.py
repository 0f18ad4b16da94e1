"""Reading the gradebook: the whole class in one query each."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from autograder.gradebook.decision import Entry

if TYPE_CHECKING:
    from nbgrader.api import Gradebook


@dataclass(frozen=True)
class Total:
    """A student's result in one unit; points, seconds, and times in UTC without zone.

    Args:
        student: the id.
        first_name, last_name, email: "" where unknown.
        score: of all graded cells, a person's grades included, before the penalty.
        points: the most.
        penalty: taken for lateness.
        seconds_late: after the due date, extension included.
        received: when it was handed in.
        waits: a person has still to look at some cell.
        flagged: someone should look at the whole submission.
    """

    student: str
    first_name: str
    last_name: str
    email: str
    score: float
    points: float
    penalty: float
    seconds_late: float
    received: datetime | None
    waits: bool
    flagged: bool

    @property
    def unsettled(self) -> bool:
        """Whether a person must look before this is a grade: at a cell, or at the flag, which formgrader takes off."""
        return self.waits or self.flagged

    @property
    def final(self) -> float:
        """The score after the penalty, at least 0."""
        return max(0.0, self.score - self.penalty)


def read_entries(gradebook: "Gradebook", unit: str) -> dict[str, dict[str, Entry]]:
    """Student → grade_id → entry."""
    from nbgrader.api import Grade

    found: dict[str, dict[str, Entry]] = defaultdict(dict)
    columns = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
    for student, name, *values in rows_of(gradebook.db, Grade, unit, *columns):
        found[student][name] = Entry(*values)
    return dict(found)


def read_comments(gradebook: "Gradebook", unit: str) -> dict[str, dict[str, str]]:
    """Student → grade_id of the answer → the comment: a person's, else the computer's."""
    from nbgrader.api import Comment

    found: dict[str, dict[str, str]] = defaultdict(dict)
    for student, name, comment in rows_of(gradebook.db, Comment, unit, Comment.comment):
        if comment:
            found[student][name] = comment
    return dict(found)


def read_totals(gradebook: "Gradebook", unit: str) -> list[Total]:
    """One for each student who handed in, by last name."""
    from nbgrader.api import Assignment, Student, SubmittedAssignment

    entries = read_entries(gradebook, unit)
    query = (
        gradebook.db.query(SubmittedAssignment, Student, Assignment.max_score)
        .join(Student, Student.id == SubmittedAssignment.student_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name == unit)
        .order_by(Student.last_name, Student.first_name, Student.id)
    )
    return [_total(*row, list(entries.get(row[1].id, {}).values())) for row in query]


def _total(submitted, student, points: float, entries: list[Entry]) -> Total:
    return Total(
        student.id, student.first_name or "", student.last_name or "", student.email or "",
        sum(e.score for e in entries), float(points), float(submitted.late_submission_penalty or 0.0),
        float(submitted.total_seconds_late), submitted.timestamp, any(e.waits for e in entries),
        any(bool(n.flagged) for n in submitted.notebooks),
    )


def rows_of(db, table, unit: str, *columns):
    """(student, name of the cell, *columns) of every row of `table`, nbgrader's Grade or Comment, in a unit.

    Args:
        db: a session of SQLAlchemy on nbgrader's tables.
    """
    from nbgrader.api import Assignment, BaseCell, SubmittedAssignment, SubmittedNotebook

    return (
        db.query(SubmittedAssignment.student_id, BaseCell.name, *columns)
        .select_from(table)
        .join(BaseCell, BaseCell.id == table.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == table.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name == unit)
    )
