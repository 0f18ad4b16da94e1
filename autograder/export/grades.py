"""The grades of one unit, ready for a table: one line for each student who handed in."""

from dataclasses import dataclass

from autograder.course import Course, Unit
from autograder.export.table import points
from autograder.gradebook import GradeBook, Total


@dataclass(frozen=True)
class Grade:
    """What is exported of one student.

    Args:
        total: from the gradebook.
        feedback: points by exercise, lateness, comments; plain text.
        given: the score after the penalty; None while a person has to look and `partial` was not asked for.
    """

    total: Total
    feedback: str
    given: float | None


@dataclass(frozen=True)
class UnitGrades:
    """A unit with its grades by student."""

    unit: Unit
    most: float
    grades: dict[str, Grade]

    @property
    def waiting(self) -> list[str]:
        """Students at whose work a person must still look."""
        return [student for student, grade in self.grades.items() if grade.total.waits]


def read_grades(course: Course, book: GradeBook, name: str, *, partial: bool) -> UnitGrades:
    """Read one unit from the gradebook.

    Raises:
        CourseError: the unit is not in the gradebook.
    """
    totals = book.totals(name)
    entries, comments, most = book.scores(name), book.comments(name), book.points(name)
    grades = {}
    for total in totals:
        given = total.final if partial or not total.waits else None
        feedback = _feedback(total, entries.get(total.student, {}), comments.get(total.student, {}), most)
        grades[total.student] = Grade(total, feedback, given)
    return UnitGrades(course.unit(name), float(sum(most.values())), grades)


def _feedback(total: Total, entries, comments: dict[str, str], most: dict[str, float]) -> str:
    lines = []
    for cell, limit in most.items():
        entry = entries.get(cell)
        if entry is None:
            continue
        waits = entry.auto is None and entry.manual is None
        shown = "not graded yet" if waits else f"{points(entry.score)} of {points(limit)}"
        lines.append(f"{cell.removeprefix('test_')}: {shown}")
    if total.penalty:
        lines.append(f"late by {total.seconds_late / 3600:.1f} h: -{points(total.penalty)}")
    # Breaks of no width kept markup inert in a browser; a table needs none.
    lines += [f"{name}: {text}".replace("\u200b", "") for name, text in comments.items()]
    return "\n".join(lines)
