"""The grades of one unit, ready for a table: one line for each student who handed in."""

from dataclasses import dataclass

from autograder.course import Course, Unit
from autograder.export.comment import comment_of
from autograder.gradebook import GradeBook, Total
from autograder.model.assignment import Assignment
from autograder.pages.exercises import titles
from autograder.pages.graded import records_of


@dataclass(frozen=True)
class Grade:
    """What is exported of one student.

    Args:
        total: from the gradebook.
        feedback: points and reasons by exercise, lateness, comments; plain text.
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
        return [student for student, grade in self.grades.items() if grade.total.unsettled]


def read_grades(course: Course, book: GradeBook, name: str, *, partial: bool) -> UnitGrades:
    """Read one unit from the gradebook, with the words of the checks from the records of `course grade`.

    Raises:
        CourseError: the unit is not in the gradebook, or a record was changed.
    """
    unit = course.unit(name)
    totals = book.totals(name)
    entries, comments, most = book.scores(name), book.comments(name), book.points(name)
    exercises, records = titles(Assignment.read(course, unit)), records_of(course, unit)
    grades = {}
    for total in totals:
        given = total.final if partial or not total.unsettled else None
        said = comment_of(total, exercises, most, entries.get(total.student, {}), comments.get(total.student, {}),
                          records.get(total.student))
        grades[total.student] = Grade(total, said, given)
    return UnitGrades(unit, float(sum(most.values())), grades)
