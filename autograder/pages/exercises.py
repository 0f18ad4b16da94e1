"""What the exercises of a unit are called on pages for people."""

import re
from dataclasses import dataclass

from autograder.model.assignment import Assignment

HEADING = re.compile(r"^#{2,5}\s+((?:Exercise|Explain)\b.*)$", re.MULTILINE)
CUT = re.compile(r"\s*[★☆⭐]|\s+·\s+\d+\s*(?:min|points?\b)")
NUMBERED = re.compile(r"(?:Exercise|Explain)\s+(\d+\.\d+)\s*·?\s*(.*)")


@dataclass(frozen=True)
class Title:
    """The name of an exercise.

    Args:
        grade_id: of its answer cell.
        number: "2.1", or "" where the notebook gives none.
        name: "Inverse STFT".
        explain: a question in words.
        points: the most.
        tests: grade_ids of its graded cells (the question's own for a question in words).
    """

    grade_id: str
    number: str
    name: str
    explain: bool
    points: float
    tests: tuple[str, ...]

    @property
    def label(self) -> str:
        """Number and name."""
        return f"{self.number} · {self.name}" if self.number else self.name

    @property
    def kind(self) -> str:
        """What the heading begins with."""
        return "Question" if self.explain else "Exercise"


def titles(assignment: Assignment) -> tuple[Title, ...]:
    """The exercises in order, named by the last heading above their answer cell, or in it."""
    headings = _headings(assignment)
    found = []
    for exercise in assignment.exercises:
        number, name = _split(headings.get(exercise.grade_id, ""))
        tests = tuple(cell.metadata.nbgrader.grade_id for cell in exercise.tests) or (exercise.grade_id,)
        name = name or exercise.grade_id.replace("_", " ").capitalize()
        found.append(Title(exercise.grade_id, number, name, exercise.manual, exercise.points, tests))
    return tuple(found)


def _headings(assignment: Assignment) -> dict[str, str]:
    """Answer cell → the heading that belongs to it and to no answer cell above."""
    found, last = {}, ""
    for cell in assignment.release.cells:
        hits = HEADING.findall(cell.source) if cell.cell_type == "markdown" else []
        last = hits[-1] if hits else last
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("solution"):
            found[meta["grade_id"]] = last
            last = ""
    return found


def _split(heading: str) -> tuple[str, str]:
    heading = CUT.split(heading)[0].strip()
    numbered = NUMBERED.fullmatch(heading)
    if numbered:
        return numbered[1], numbered[2].strip()
    return "", heading.removeprefix("Exercise").removeprefix("Explain").strip(" ·")
