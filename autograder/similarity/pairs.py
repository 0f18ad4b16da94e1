"""From matches of single answers to pairs and groups of students, and what to show of them side by side."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.similarity.compare import Answers, Match
from autograder.similarity.pieces import lines_of

__all__ = ["Line", "Pair", "groups", "pairs", "side_by_side", "spanning"]

LEAST_EVIDENCE = 30.0
"""Bits over all exercises from which a pair is listed."""


@dataclass(frozen=True)
class Pair:
    """Two students, or a student and the public solution (`second` is None); the strongest match first."""

    first: str
    second: str | None
    matches: tuple[Match, ...]

    @property
    def evidence(self) -> float:
        """Bits over all exercises."""
        return sum(match.evidence for match in self.matches)


@dataclass(frozen=True)
class Line:
    """A line of an answer, and whether it is part of a piece that both have and few others."""

    number: int
    text: str
    shared: bool


def pairs(matches: Iterable[Match]) -> list[Pair]:
    """Matches gathered by pair, the strongest pair first."""
    by_pair: dict[tuple[str, str | None], list[Match]] = defaultdict(list)
    for match in matches:
        by_pair[match.first, match.second].append(match)
    found = [Pair(*who, tuple(sorted(them, key=lambda m: -m.evidence))) for who, them in by_pair.items()]
    found = [pair for pair in found if pair.evidence >= LEAST_EVIDENCE]
    return sorted(found, key=lambda pair: (-pair.evidence, pair.first, pair.second or ""))


def spanning(found: Iterable[Pair]) -> list[Pair]:
    """The strongest pairs that connect everyone who is connected: of five who share one text, 4 pairs and not 10."""
    leader: dict[str, str] = {}
    kept = []
    for pair in found:
        first, second = _lead(leader, pair.first), _lead(leader, pair.second or "")
        if first != second:
            leader[second] = first
            kept.append(pair)
    return kept


def groups(found: Iterable[Pair]) -> list[list[str]]:
    """Three or more students who are connected by pairs, the largest group first."""
    leader: dict[str, str] = {}
    for pair in found:
        leader[_lead(leader, pair.second or "")] = _lead(leader, pair.first)
    members = defaultdict(list)
    for student in leader:
        members[_lead(leader, student)].append(student)
    return sorted((sorted(them) for them in members.values() if len(them) > 2), key=lambda them: (-len(them), them))


def side_by_side(answers: Answers, match: Match) -> tuple[list[Line], list[Line]]:
    """Both answers of a match, line by line."""
    first, second = answers.pieces(match.first), answers.pieces(match.second)
    shared = {piece.mark for piece in first} & {piece.mark for piece in second}
    rare = {mark for mark in shared if answers.bits(mark) > 0}
    return _lines(answers.text(match.first), first, rare), _lines(answers.text(match.second), second, rare)


def _lines(text: str, pieces, marks: set[int]) -> list[Line]:
    covered = {n for piece in pieces if piece.mark in marks for n in range(piece.first, piece.last + 1)}
    return [Line(number, line, number in covered and bool(line.strip()))
            for number, line in enumerate(lines_of(text.rstrip()), 1)]


def _lead(leader: dict[str, str], student: str) -> str:
    leader.setdefault(student, student)
    while leader[student] != student:
        leader[student] = leader[leader[student]]
        student = leader[student]
    return student
