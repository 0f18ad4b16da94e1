"""Who reached how much: one table per score that a check measured, the largest value first."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.evidence.record import Record

COLOURS = ("amber", "azure", "cobalt", "coral", "crimson", "golden", "indigo", "ivory", "jade", "mauve", "olive",
           "scarlet", "silver", "teal", "umber", "violet")
INSTRUMENTS = ("bassoon", "celesta", "cello", "clarinet", "cornet", "dulcimer", "fiddle", "flute", "guitar", "harp",
               "horn", "kalimba", "lute", "marimba", "oboe", "ocarina", "organ", "piccolo", "sitar", "tabla", "timpani",
               "trumpet", "tuba", "viola")


@dataclass(frozen=True)
class Place:
    """One line of a table: rank from 1 (equal values share it), the student's id, the value."""

    rank: int
    student: str
    value: float


@dataclass(frozen=True)
class Table:
    """One measured score of one graded cell."""

    grade_id: str
    name: str
    places: tuple[Place, ...]


def rank(records: Iterable[Record]) -> list[Table]:
    """A table for every (graded cell, score) that was measured, in the order of the notebook.

    A score counts whether or not it reached the threshold of its cell. What is not finite has no place.
    """
    values: dict[tuple[str, str], dict[str, float]] = {}
    for record in records:
        for result in record.results:
            for name, value in result.measured.items():
                values.setdefault((result.grade_id, name), {})[record.student] = value
    return [Table(grade_id, name, _places(found)) for (grade_id, name), found in values.items()]


def _places(found: dict[str, float]) -> tuple[Place, ...]:
    ordered = sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(
        Place(1 + sum(other > value for other in found.values()), student, value) for student, value in ordered
    )


def pseudonyms(students: Iterable[str], key: bytes) -> dict[str, str]:
    """A name for each student that only who holds the key can tell: the same at every call, no two alike."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    for student in sorted(students):
        digest = hmac.new(key, student.encode(), hashlib.sha256).digest()
        name = f"{COLOURS[digest[0] % len(COLOURS)]} {INSTRUMENTS[digest[1] % len(INSTRUMENTS)]}"
        number = 2
        unique = name
        while unique in taken:
            unique, number = f"{name} {number}", number + 1
        taken.add(unique)
        given[student] = unique
    return given
