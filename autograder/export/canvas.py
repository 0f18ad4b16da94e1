"""The CSV that Canvas imports into its gradebook."""

import re

from autograder.errors import CourseError
from autograder.export.grades import UnitGrades
from autograder.export.table import Table, csv_text, points

BASE = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
POINTS_ROW = "    Points Possible"


def canvas_csv(units: list[UnitGrades], ids: dict[str, int], roster: Table | None) -> tuple[str, list[str]]:
    """One column for each unit.

    Args:
        ids: unit → number of its assignment in Canvas, so that the column fills that one and makes no new one.
        roster: the gradebook as Canvas exported it; None: ids and names as we know them.

    Returns:
        The text, and what the instructor should know.

    Raises:
        CourseError: the roster is no export of a Canvas gradebook.
    """
    notes: list[str] = []
    columns = [_column(grades, ids, roster, notes) for grades in units]
    people = _roster_people(roster, units, notes) if roster else _own_people(units)
    rows = [[POINTS_ROW, "", "", "", "", *(points(most) for _, most, _ in columns)]]
    for cells, student in people:
        given = [grades.grades.get(student) for grades in units]
        rows.append([*cells, *(
            "" if grade is None or grade.given is None else points(grade.given * scale)
            for grade, (_, _, scale) in zip(given, columns, strict=True))])
    return csv_text([*BASE, *(name for name, _, _ in columns)], rows), notes


def _column(grades: UnitGrades, ids: dict[str, int], roster: Table | None,
            notes: list[str]) -> tuple[str, float, float]:
    """Title of the column, its most points, and the factor from ours to those."""
    number = ids.get(grades.unit.name)
    title = f"{grades.unit.title} ({number})" if number else grades.unit.title
    for at, name in enumerate(roster.header if roster else []):
        if (number and name.strip().endswith(f"({number})")) or (
                not number and re.sub(r"\s*\(\d+\)$", "", name.strip()) == grades.unit.title):
            most = _possible(roster, at)
            if most and grades.most and most != grades.most:
                notes.append(f"{grades.unit.name}: Canvas expects {points(most)} points, the unit has "
                             f"{points(grades.most)}: grades were scaled")
                return name.strip(), most, most / grades.most
            return name.strip(), grades.most, 1.0
    if not number:
        notes.append(f"{grades.unit.name}: Canvas will make a new assignment; to fill one that is there, write its "
                     f"number into grading.toml: [units.{grades.unit.name}] canvas_id = …")
    return title, grades.most, 1.0


def _possible(roster: Table, at: int) -> float | None:
    for row in roster.rows[:3]:
        if row and row[0].strip() == POINTS_ROW.strip() and at < len(row):
            try:
                return float(row[at])
            except ValueError:
                return None
    return None


def _own_people(units: list[UnitGrades]) -> list[tuple[list[str], str]]:
    """Students as the gradebook knows them; a number as id is the one that Canvas puts into file names."""
    totals = {student: grade.total for grades in units for student, grade in grades.grades.items()}
    people = []
    for student, total in totals.items():
        name = f"{total.last_name}, {total.first_name}" if total.first_name else total.last_name
        canvas = student if student.isdecimal() else ""
        people.append(([name, canvas, "", "" if canvas else student, ""], student))
    return people


def _roster_people(roster: Table, units: list[UnitGrades], notes: list[str]) -> list[tuple[list[str], str]]:
    """The rows of the roster that are students, each with the id in our gradebook ("" for who handed in nothing)."""
    at = [roster.column(name) for name in BASE]
    if at[0] is None or at[1] is None:
        raise CourseError("the roster has no columns Student and ID",
                          mend="in Canvas: Grades, Export, Export Entire Gradebook")
    known = {student for grades in units for student in grades.grades}
    people, found = [], set()
    for row in roster.rows:
        cells = [row[i] if i is not None and i < len(row) else "" for i in at]
        if not cells[1].strip() or cells[0].strip() in (POINTS_ROW.strip(), "Student, Test"):
            continue
        student = next((c.strip() for c in cells[1:4] if c.strip() in known), "")
        found.add(student)
        people.append((cells, student))
    lost = sorted(known - found)
    if lost:
        notes.append(f"not in the roster, so not exported: {', '.join(lost)}")
    return people
