"""A unit as the gates see it: its solved notebook, exercises, setup cell, and folder of tests."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode

from autograder.audit.outcome import Job
from autograder.audit.report import ExerciseReport, UnitReport
from autograder.course import Course, Unit
from autograder.source import Exercise, exercises, read_source


@dataclass
class AuditedUnit:
    """What every gate reads, and the report that it writes to."""

    course: Course
    unit: Unit
    solved: NotebookNode
    report: UnitReport

    @classmethod
    def read(cls, course: Course, unit: Unit) -> "AuditedUnit":
        """Read a unit's source.

        Raises:
            CourseError: the source is missing or malformed.
        """
        solved = read_source(course, unit)
        report = UnitReport(unit.name)
        audited = cls(course, unit, solved, report)
        for exercise in audited.exercises:
            report.exercises[exercise.grade_id] = ExerciseReport(exercise.grade_id, exercise.points, exercise.manual)
        return audited

    @cached_property
    def exercises(self) -> list[Exercise]:
        """All exercises, explain questions among them."""
        return exercises(self.solved)

    @property
    def coded(self) -> list[Exercise]:
        """The exercises that the computer grades."""
        return [exercise for exercise in self.exercises if not exercise.manual]

    @property
    def setup(self) -> str:
        """Source of the generated setup cell."""
        for cell in self.solved.cells:
            if cell.cell_type == "code" and cell.metadata.get("course", {}).get("generated") == "setup":
                return cell.source
        raise LookupError(f"{self.unit.name} has no setup cell")

    @property
    def roots(self) -> tuple[Path, ...]:
        """What must be importable in the unit's processes."""
        return (self.course.root,)

    def job(self, exercise: Exercise, answer: str, name: str, **options) -> Job:
        """The job of trying `answer` on the graded cells of `exercise`; its id is "grade_id/name"."""
        tests = tuple(cell.source for cell in exercise.tests)
        return Job(f"{exercise.grade_id}/{name}", answer, tests, **options)

    def line_of(self, text: str) -> int | None:
        """The first line of the source that holds `text`."""
        for number, line in enumerate(self.unit.source.read_text(encoding="utf-8").splitlines(), 1):
            if text in line:
                return number
        return None
