"""What people wrote into nbgrader's database: scores, comments, lateness."""

from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import CourseError
from autograder.gradebook.totals import rows_of

__all__ = ["ByHand", "HandGrade", "read_by_hand"]


@dataclass(frozen=True)
class HandGrade:
    """A person's part in one graded cell.

    Args:
        score: points that replace the computer's, extra credit included; None where nobody gave any.
        extra: extra credit on top of the computer's score (already in `score` where that is not None).
        comment: for the student.
        waiting: whether a person has still to look at it.
    """

    score: float | None = None
    extra: float = 0.0
    comment: str = ""
    waiting: bool = False


@dataclass(frozen=True)
class ByHand:
    """One submission in the gradebook.

    Args:
        grades: grade_id of the graded cell → what a person did.
        comments: grade_id of an answer cell → comment.
        seconds_late: after the due date, 0 if in time.
        penalty: points taken off for that.
    """

    grades: dict[str, HandGrade] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    seconds_late: float = 0.0
    penalty: float = 0.0


def read_by_hand(unit: str, db_url: str) -> dict[str, ByHand]:
    """Student → what the gradebook holds on their work in `unit`; empty without a database or an entry for the unit.

    Raises:
        CourseError: the database cannot be read.
    """
    if db_url.startswith("sqlite:///") and not Path(db_url.removeprefix("sqlite:///")).exists():
        return {}
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
    from sqlalchemy.orm import Session

    # nbgrader's tables without its Gradebook, which would create or migrate what it opens: this only reads.
    try:
        engine = create_engine(db_url)
        try:
            with Session(engine) as session:
                return _read(session, unit)
        finally:
            engine.dispose()
    except (ArgumentError, NoSuchModuleError):  # its text would show the URL, which may hold a password
        raise CourseError("this is no database URL", mend="sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    except (SQLAlchemyError, ImportError, OSError) as error:
        first_line = (str(error).splitlines() or [type(error).__name__])[0]
        raise CourseError(f"the gradebook cannot be read: {first_line}",
                          mend="is it nbgrader's database? name another with --db") from None


def _read(db, unit: str) -> dict[str, ByHand]:
    from nbgrader.api import Assignment, Comment, Grade, SubmittedAssignment

    found: dict[str, ByHand] = {}
    submissions = db.query(SubmittedAssignment).join(Assignment).filter(Assignment.name == unit)
    for submission in submissions:
        late = submission.total_seconds_late or 0.0
        found[submission.student_id] = ByHand({}, {}, float(late), float(submission.late_submission_penalty or 0.0))

    for student, name, comment in rows_of(db, Comment, unit, Comment):
        # nbgrader writes an automatic comment of its own ("No response."): it says nothing that the page does not.
        if comment.manual_comment:
            found[student].comments[name] = comment.manual_comment
    for student, name, grade in rows_of(db, Grade, unit, Grade):
        extra = float(grade.extra_credit or 0.0)
        score = None if grade.manual_score is None else float(grade.manual_score) + extra
        said = found[student].comments.get(name, "")
        found[student].grades[name] = HandGrade(score, extra, said, bool(grade.needs_manual_grade))
    return found
