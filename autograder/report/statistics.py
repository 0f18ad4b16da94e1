"""Numbers about a graded class."""

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.model.examination import BROKEN, CRASHED, MANUAL, MISSING, PASSED, REFUSED, TIMEOUT, WRONG
from autograder.pages.exercises import Title
from autograder.pages.graded import Marked
from autograder.pages.text import clip, plain, without_paths
from autograder.pages.words import sentence

__all__ = ["ExerciseNumbers", "Flagged", "Mistake", "class_numbers", "exercise_numbers", "flagged", "mistakes", "worst"]

NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?")
LIST = re.compile(r"#(?:[,;:x× ]+#)+")
FAILURES = {WRONG, CRASHED, TIMEOUT, REFUSED, BROKEN}
HAPPENED = {CRASHED: "stopped", TIMEOUT: "ran out of time", BROKEN: "the check itself failed"}


@dataclass(frozen=True)
class ClassNumbers:
    """The headline: how many, how well, how long.

    `mean`, `median` are points; `seconds` is grading time over all submissions.
    """

    count: int
    mean: float
    median: float
    full: int
    waiting: int
    late: int
    refused: int
    seconds: float


@dataclass(frozen=True)
class ExerciseNumbers:
    """One exercise: how many students ended in which state, the mean of their points, and the time of each.

    `mean` is None while a person has still to mark an answer.
    """

    title: Title
    states: dict[str, int]
    mean: float | None
    seconds: list[float]


@dataclass(frozen=True)
class Mistake:
    """A message that several answers got: numbers in it may differ. `share` is of all submissions."""

    title: Title
    count: int
    share: float
    example: str


@dataclass(frozen=True)
class Flagged:
    """A student whose work a person should look at, and why."""

    marked: Marked
    reasons: list[str]


def class_numbers(marked: list[Marked]) -> ClassNumbers:
    """The headline of a class of at least one."""
    scores = [one.score for one in marked]
    return ClassNumbers(
        count=len(marked), mean=statistics.fmean(scores), median=statistics.median(scores),
        full=sum(one.record.points > 0 and one.score >= one.record.points - 1e-9 for one in marked),
        waiting=sum(one.needs_person for one in marked),
        late=sum(one.by_hand.seconds_late > 0 for one in marked),
        refused=sum(one.record.refused is not None for one in marked),
        seconds=sum(float(one.record.run.get("seconds", 0.0)) for one in marked),
    )


def exercise_numbers(titles: Iterable[Title], marked: list[Marked]) -> list[ExerciseNumbers]:
    """States, points and times of every exercise; a student's state is the worst of its checks."""
    found = []
    for title in titles:
        states: Counter[str] = Counter()
        points, seconds = [], []
        for one in marked:
            results = [r for r in one.record.results if r.exercise == title.grade_id]
            states[worst(one, title)] += 1
            given = [one.score_of(r) for r in results]
            points.append(None if None in given else sum(given))
            spent = one.record.run.get("exercise_seconds") or {}
            taken = [float(spent[r.grade_id]) for r in results if r.grade_id in spent]
            seconds += [sum(taken)] if taken else []
        mean = None if None in points else statistics.fmean(points)
        found.append(ExerciseNumbers(title, dict(states), mean, seconds))
    return found


def mistakes(titles: Iterable[Title], marked: list[Marked]) -> list[Mistake]:
    """What the checks said, most frequent first. Messages that differ in their numbers only are one.

    Refused files do not count.
    """
    by_id = {title.grade_id: title for title in titles}
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in marked:
        if one.record.refused is not None:  # no check has seen it
            continue
        said = {(r.exercise, _pattern(r.message)): r.message for r in one.record.results
                if r.status in FAILURES - {BROKEN} and r.message and r.exercise in by_id}
        for key, message in said.items():
            found[key].append(message)
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        Mistake(by_id[exercise], len(said), len(said) / len(marked), sentence(without_paths(clip(said[0], 500, 8))))
        for (exercise, _), said in ranked
    ]


def flagged(titles: Iterable[Title], marked: list[Marked]) -> list[Flagged]:
    """Who to look at: a fault of the course first, then refused files, doubts, deaths."""
    labels = {title.grade_id: title.label for title in titles}
    found = []
    for one in marked:
        record = one.record
        reasons = [f"{labels.get(r.exercise, r.exercise)}: {HAPPENED[r.status]}"
                   + (f": {clip(r.message, 300, 4)}" if r.status == BROKEN and r.message else "")
                   for r in record.results if r.status in HAPPENED]
        reasons += [] if record.refused is None else [clip(record.refused, 300, 4)]
        reasons += [clip(flag, 300, 4) for flag in record.flags]
        if record.sandbox == "none":
            reasons.append("graded without a sandbox")
        if reasons:
            broken = any(r.status == BROKEN for r in record.results)
            found.append((not broken, record.refused is None, Flagged(one, list(dict.fromkeys(reasons)))))
    return [flag for *_, flag in sorted(found, key=lambda entry: entry[:2])]


def _pattern(message: str) -> str:
    """The first lines of a message with its numbers taken out."""
    text = NUMBER.sub("#", plain(message[:1000]).strip()[:300])
    return LIST.sub("#", text).casefold()


def worst(one: Marked, title: Title) -> str:
    """The worst status among the checks of one exercise; MISSING where there is none."""
    statuses = [r.status for r in one.record.results if r.exercise == title.grade_id]
    for status in (BROKEN, CRASHED, TIMEOUT, REFUSED, WRONG, MISSING, MANUAL):
        if status in statuses:
            return status
    return PASSED if statuses else MISSING
