"""Exercise cards have their parts: difficulty, minutes, points, two hints, and "if you pass A but fail B"."""

import re

from autograder.audit.subject import AuditedUnit
from autograder.source import Exercise

HEADING = re.compile(r"^#{2,4}\s+Exercise\s+(\d+)\.(\d+)\b(.*)$", re.MULTILINE)
STARS = re.compile(r"★+☆*")
MINUTES = re.compile(r"(\d+)\s*min")
POINTS = re.compile(r"(\d+(?:\.\d+)?)\s*points?")
ONE_BUT_NOT_THE_OTHER = re.compile(r"\bif\b[^.<]{3,160}?\b(but|fails?|wrong|too)\b", re.IGNORECASE)


def judge_cards(audited: AuditedUnit) -> None:
    """Fail on each part that a card lacks, and on points or numbers that do not match."""
    seen: dict[str, str] = {}
    for exercise in audited.coded:
        card, line = _card(audited, exercise)

        def refuse(message: str, mend: str, exercise: Exercise = exercise, line: int | None = line) -> None:
            audited.report.fail("cards", message, exercise=exercise.grade_id, file=audited.unit.source, line=line,
                                mend=mend)

        heading = HEADING.search(card)
        if heading is None:
            refuse("no card above the answer cell", "### Exercise 12.1 · Title   ★☆☆ · 10 min · 2 points")
            continue
        number, rest = f"{heading[1]}.{heading[2]}", heading[3]
        if int(heading[1]) != int(audited.unit.number):
            refuse(f"exercise {number} stands in unit {audited.unit.number}", "number it after its unit")
        if number in seen:
            refuse(f"{seen[number]} has the number {number} as well", "number the exercises in order")
        seen[number] = exercise.grade_id
        stars, points = STARS.search(rest), POINTS.search(rest)
        if stars is None or len(stars[0]) != 3:
            refuse("the card has no difficulty", "one to three stars: ★☆☆, ★★☆ or ★★★")
        if not MINUTES.search(rest):
            refuse("the card has no minutes", "· 10 min ·")
        if points is None:
            refuse("the card has no points", f"· {exercise.points:g} points")
        elif float(points[1]) != exercise.points:
            refuse(f"the card says {points[0]}, the graded cells give {exercise.points:g}", "make them equal")
        for hint in ("Hint 1", "Hint 2"):
            if hint not in card:
                refuse(f"the card has no {hint}", f"<details><summary>{hint} · …</summary> … </details>")
        if card.count("<details") != card.count("</details>"):
            refuse("a <details> of the card is not closed", "add </details>")
        if not ONE_BUT_NOT_THE_OTHER.search(card):
            refuse("the card does not say what to think when one test passes and another fails",
                   "If you pass A but fail B: …")


def _card(audited: AuditedUnit, exercise: Exercise) -> tuple[str, int | None]:
    """The text from the last exercise heading above the answer cell down to that cell, and the heading's line."""
    parts: list[str] = []
    for cell in reversed(audited.solved.cells[: audited.solved.cells.index(exercise.solution)]):
        meta = cell.metadata.get("nbgrader", {})
        if meta and cell.cell_type == "code":
            break
        parts.insert(0, cell.source)
        if cell.cell_type == "markdown" and HEADING.search(cell.source):
            return "\n".join(parts), cell.metadata.get("course", {}).get("line")
    return "", exercise.line
