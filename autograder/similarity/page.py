"""The similarity report as an HTML page and as plain data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from autograder.course import Course, Unit
from autograder.pages.exercises import Title
from autograder.pages.render import render
from autograder.pages.text import clip
from autograder.similarity.compare import Answers, Match
from autograder.similarity.pairs import Line, Pair, groups, side_by_side, spanning

__all__ = ["similarity_json", "similarity_page"]

MOST_SHOWN = 30
"""Pairs shown side by side."""
MOST_MATCHES = 4
"""Exercises shown of one pair."""
MOST_LINES = 120
MOST_ROWS = 200


@dataclass(frozen=True)
class Evidence:
    """One match of a pair, side by side."""

    match: Match
    left: list[Line]
    right: list[Line]


@dataclass(frozen=True)
class Shown:
    """A pair on the page."""

    pair: Pair
    evidence: list[Evidence]


def similarity_page(
    course: Course, unit: Unit, titles: tuple[Title, ...], answers: Mapping[str, Answers], found: list[Pair],
    names: Mapping[str, str],
) -> str:
    """For the instructor only: it shows students' answers."""
    students = [pair for pair in found if pair.second is not None]
    shown = spanning(students)[:MOST_SHOWN]
    return render(
        "autograder.similarity", "similarity.html.j2",
        course=clip(course.title, 200), unit=unit, count=len(names), titles={title.grade_id: title for title in titles},
        names={student: clip(name or student, 80, 1) for student, name in names.items()},
        groups=groups(students)[:MOST_SHOWN], pairs=students[:MOST_ROWS], pair_count=len(students),
        solution=[pair for pair in found if pair.second is None][:MOST_ROWS],
        shown=[_shown(pair, answers) for pair in shown],
        number={(pair.first, pair.second): i for i, pair in enumerate(shown, 1)},
    )


def similarity_json(unit: Unit, answers: Mapping[str, Answers], found: list[Pair]) -> dict[str, Any]:
    """All pairs with their matches; `second` is null for the public solution."""
    return {
        "format": 1, "unit": unit.name,
        "compared": {grade_id: len(one.students) for grade_id, one in answers.items()},
        "pairs": [
            {"first": pair.first, "second": pair.second, "evidence": round(pair.evidence, 1),
             "matches": [_rounded(match) for match in pair.matches]}
            for pair in found
        ],
    }


def _rounded(match: Match) -> dict[str, Any]:
    data = asdict(match)
    del data["first"], data["second"]
    return data | {"similarity": round(match.similarity, 3), "evidence": round(match.evidence, 1)}


def _shown(pair: Pair, answers: Mapping[str, Answers]) -> Shown:
    evidence = []
    for match in pair.matches[:MOST_MATCHES]:
        left, right = side_by_side(answers[match.exercise], match)
        evidence.append(Evidence(match, _cut(left), _cut(right)))
    return Shown(pair, evidence)


def _cut(lines: list[Line]) -> list[Line]:
    kept = [Line(line.number, clip(line.text, 300, 1), line.shared) for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        kept.append(Line(MOST_LINES + 1, f"[… {len(lines) - MOST_LINES} lines left out …]", False))
    return kept
