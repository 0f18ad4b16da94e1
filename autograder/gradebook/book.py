"""The gradebook: nbgrader's own database and folders, written by one coordinator."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import write_all
from autograder.gradebook import rows
from autograder.gradebook.assignment_cells import save_cells
from autograder.gradebook.database import Database
from autograder.gradebook.decision import Entry
from autograder.gradebook.notebook import compare, graded_notebook
from autograder.gradebook.people import check_id
from autograder.gradebook.policy import Policy
from autograder.gradebook.settings import Settings
from autograder.gradebook.totals import Total, read_comments, read_entries, read_totals
from autograder.model.assignment import Assignment
from autograder.model.examination import Examination
from autograder.model.submission import Submission

if TYPE_CHECKING:
    from nbgrader.api import Gradebook


@dataclass(frozen=True)
class Written:
    """What `GradeBook.write` did.

    Args:
        score: points in the gradebook now, a person's grades included.
        points: the most.
        seconds_late: after the due date, extension included.
        penalty: points taken for it.
        waiting: graded cells at which a person must look.
        dropped: graded cells that had a person's grade, given to an answer that has changed since.
    """

    score: float
    points: float
    seconds_late: float
    penalty: float
    waiting: tuple[str, ...]
    dropped: tuple[str, ...]


class GradeBook:
    """nbgrader's gradebook of a course.

    Args:
        course: the checkout; its nbgrader_config.py names database and folders.
        db_url: another database, for example postgresql://user@host/course.

    Raises:
        CourseError: grading.toml or the configuration is faulty, or the database does not open.
    """

    def __init__(self, course: Course, db_url: str | None = None):
        self.course = course
        self.policy = Policy.load(course)
        self.settings = Settings.read(course.root, db_url)
        self._database = Database(self.settings.db_url, self.settings.course_id)
        self._assignments: dict[str, Assignment] = {}
        self._latest = ""

    def ensure(self, assignment: Assignment) -> None:
        """Put the unit, its cells, points and due date into the database; must come before `write`.

        Raises:
            CourseError: exercises were added or removed after submissions had been graded.
        """
        known = self._assignments.get(assignment.name)
        if known is None or known.digest != assignment.digest:
            save_cells(assignment, self._database)
        with self._database.transaction() as gradebook:
            rows.set_due_date(gradebook, assignment.name, self.policy)
        self._assignments[assignment.name] = assignment
        self._latest = assignment.name

    def write(self, submission: Submission, examination: Examination, *, unit: str | None = None,
              data: bytes | None = None) -> Written:
        """Enter a graded submission; entering it again changes nothing.

        First the database, in one transaction, then the graded notebook: killed in between, the next `write` ends it.

        Args:
            unit: the unit; None: the one that was ensured last.
            data: the bytes handed in, for formgrader's folder of submissions; None: only the time is noted there.

        Raises:
            CourseError: the unit was not ensured, the student's id or the time cannot be used, the database refuses.
        """
        assignment = self._assignment(unit)
        check_id(submission.student)
        received = _utc(submission)
        path = self.autograded(submission.student, assignment.name)
        fresh = compare(submission, _memory(path))
        with self._database.transaction() as gradebook:
            written = rows.write(gradebook, assignment, submission, examination, fresh, received, self.policy)
        notebook = graded_notebook(assignment, submission, examination)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.chmod(0o644) if path.exists() else None  # nbgrader's own are read-only
        write_all({path: json.dumps(notebook, ensure_ascii=False, sort_keys=True) + "\n"})
        self._note_submitted(submission, assignment.name, received, data)
        return Written(*written)

    def scores(self, unit: str) -> dict[str, dict[str, Entry]]:
        """Student → grade_id of the graded cell → its entry."""
        with self._database.transaction() as gradebook:
            return read_entries(gradebook, unit)

    def totals(self, unit: str) -> list[Total]:
        """Each student's total, by last name; lateness and penalties by grading.toml and the grades as they are now.

        Raises:
            CourseError: the unit is not in the gradebook.
        """
        with self._database.transaction() as gradebook:
            self._must_hold(gradebook, unit)
            rows.settle(gradebook, unit, self.policy)
            return read_totals(gradebook, unit)

    def points(self, unit: str) -> dict[str, float]:
        """The most points by grade_id of the graded cell."""
        with self._database.transaction() as gradebook:
            self._must_hold(gradebook, unit)
            found = gradebook.find_notebook(unit, unit).grade_cells
            return {cell.name: float(cell.max_score) for cell in sorted(found, key=lambda cell: cell.name)}

    def comments(self, unit: str) -> dict[str, dict[str, str]]:
        """Student → grade_id of the answer → comment, a person's or the computer's."""
        with self._database.transaction() as gradebook:
            return read_comments(gradebook, unit)

    def units(self) -> list[str]:
        """The units in the gradebook, in the order of the course."""
        with self._database.transaction() as gradebook:
            found = {assignment.name for assignment in gradebook.assignments}
        return [name for name in self.course.units if name in found]

    def autograded(self, student: str, unit: str) -> Path:
        """Where the graded notebook of a student lies."""
        return self.settings.autograded / student / unit / f"{unit}.ipynb"

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def __enter__(self) -> "GradeBook":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _must_hold(self, gradebook: "Gradebook", unit: str) -> None:
        if unit not in {assignment.name for assignment in gradebook.assignments}:
            raise CourseError(f"{unit} is not in the gradebook", mend=f"course grade {unit}")

    def _assignment(self, unit: str | None) -> Assignment:
        try:
            return self._assignments[unit or self._latest]
        except KeyError:
            raise CourseError(f"the unit {unit or ''} was not put into the gradebook",
                              mend="call ensure(assignment) before write") from None

    def _note_submitted(self, submission: Submission, unit: str, received: datetime | None, data: bytes | None) -> None:
        """formgrader counts the folders of `submitted`, and calls one graded if its time equals the gradebook's."""
        folder = self.settings.submitted / submission.student / unit
        folder.mkdir(parents=True, exist_ok=True)
        notebook, stamp = folder / f"{unit}.ipynb", folder / "timestamp.txt"
        if data is not None and not (notebook.exists() and notebook.read_bytes() == data):
            notebook.write_bytes(data)
        if received is None:
            stamp.unlink(missing_ok=True)
            return
        text = f"{received.isoformat(' ')} UTC\n"
        if not stamp.exists() or stamp.read_text(encoding="utf-8", errors="replace") != text:
            write_all({stamp: text})


def _memory(path: Path) -> object:
    """What the graded notebook that was written last remembers; None where it does not tell."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))["metadata"]["course"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _utc(submission: Submission) -> datetime | None:
    """When it was handed in, in UTC and without zone, as nbgrader keeps times."""
    if submission.received is None:
        return None
    try:
        when = datetime.fromisoformat(submission.received)
    except ValueError:
        raise CourseError(f"the time of {submission.student}'s submission cannot be read: {submission.received!r}"
                          ) from None
    return (when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)).replace(tzinfo=None)
