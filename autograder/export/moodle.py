"""The grading worksheet that a Moodle assignment exports and takes back."""

import re

from autograder.errors import CourseError
from autograder.export.grades import Grade, UnitGrades
from autograder.export.table import Table, csv_text, points

HEADER = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed",
          "Last modified (submission)", "Last modified (grade)", "Feedback comments"]
PARTICIPANT = re.compile(r".*?(\d+)\s*")


def moodle_csv(grades: UnitGrades, roster: Table | None) -> tuple[str, list[str]]:
    """The worksheet of one unit, grades and comments filled in.

    Args:
        roster: the worksheet that Moodle exported, in English; all its other columns stay. None: a new one, in which
            a student's number is the one that Moodle puts into file names.

    Returns:
        The text, and what the instructor should know.

    Raises:
        CourseError: the roster is no such worksheet.
    """
    if roster is None:
        return csv_text(HEADER, [_own_row(grades, grade) for grade in grades.grades.values()]), []
    who, mark = roster.column("Identifier"), roster.column("Grade")
    if who is None or mark is None:
        raise CourseError("the roster has no columns Identifier and Grade",
                          mend="in Moodle: the assignment, Download grading worksheet (with English as language)")
    notes: list[str] = []
    rows, found = [], set()
    words = roster.column("Feedback comments")
    for row in roster.rows:
        filled = [*row, *[""] * (len(roster.header) - len(row))]
        student = _student(filled, roster, who, grades)
        if student is not None:
            found.add(student)
            grade = grades.grades[student]
            if grade.given is not None:
                filled[mark] = points(grade.given * _scale(filled, roster, grades, notes))
                if words is not None:
                    filled[words] = _html(grade)
        rows.append(filled)
    lost = sorted(set(grades.grades) - found)
    if lost:
        notes.append(f"not in the roster, so not exported: {', '.join(lost)}")
    return csv_text(roster.header, rows), notes


def _own_row(grades: UnitGrades, grade: Grade) -> list[str]:
    total = grade.total
    number = total.student.isdecimal()
    given = "" if grade.given is None else points(grade.given)
    return [f"Participant {total.student}" if number else total.student,
            " ".join(filter(None, (total.first_name, total.last_name))), total.email, "", given, points(grades.most),
            "Yes", "", "", _html(grade) if given else ""]


def _student(row: list[str], roster: Table, who: int, grades: UnitGrades) -> str | None:
    """The id in our gradebook: by Moodle's number, the id number, the e-mail or its first part."""
    found = PARTICIPANT.fullmatch(row[who])
    tried = [found[1]] if found else []
    for name in ("ID number", "Username", "Email address"):
        at = roster.column(name)
        if at is not None and row[at].strip():
            tried += [row[at].strip(), row[at].strip().split("@")[0]]
    by_email = {grade.total.email: student for student, grade in grades.grades.items() if grade.total.email}
    return next((t if t in grades.grades else by_email[t] for t in tried if t in grades.grades or t in by_email), None)


def _scale(row: list[str], roster: Table, grades: UnitGrades, notes: list[str]) -> float:
    """The factor from our points to Moodle's."""
    at = roster.column("Maximum Grade")
    try:
        most = float(row[at].replace(",", ".")) if at is not None else grades.most
    except ValueError:
        return 1.0
    if most == grades.most or not grades.most:
        return 1.0
    note = (f"{grades.unit.name}: Moodle's maximum is {points(most)}, the unit has {points(grades.most)} points: "
            "grades were scaled")
    if note not in notes:
        notes.append(note)
    return most / grades.most


def _html(grade: Grade) -> str:
    """The comment; Moodle takes it for HTML."""
    import html

    return html.escape(grade.feedback, quote=False).replace("\n", "<br>")
