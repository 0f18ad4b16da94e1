"""A graded submission becomes one HTML page under a megabyte, whatever was handed in or printed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from autograder.course import Course, Unit
from autograder.model.examination import BROKEN, MANUAL, PASSED, CheckResult
from autograder.model.submission import Repair
from autograder.pages.exercises import Title
from autograder.pages.graded import Marked
from autograder.pages.render import render
from autograder.pages.text import clip, without_paths
from autograder.pages.words import MARKED, MARKED_FULL, PARTLY, STATES, WORST_FIRST, State, sentence

__all__ = ["MOST_BYTES", "feedback_page"]

MOST_BYTES = 900_000
TEXT_SIZES = (6000, 2000, 600, 150)
"""Characters of the longest texts; the next size is tried when the page is too large."""
MOST_ENTRIES = 40
OTHER_FILE = re.compile(
    r"was handed in, which is not |^This is not a notebook of |^No notebook was handed in"
    r"|^The file is (?:a |empty)|^The file is JSON, but not a notebook|^The notebook has no cells")
"""Refusals by intake of a file that saving it once more in Jupyter would not mend: it is another file."""


@dataclass(frozen=True)
class Said:
    """One graded cell on the page."""

    message: str
    printed: str
    measured: str
    passed: bool


@dataclass(frozen=True)
class Card:
    """One exercise on the page."""

    title: Title
    state: State
    score: float | None
    points: float
    said: list[Said]
    comment: str
    repairs: list[str]
    faults: list[str]
    answer: str


def feedback_page(course: Course, unit: Unit, titles: Iterable[Title], marked: Marked) -> str:
    """The page of one student.

    Hidden tests, seeds, paths of the grader's machine and what the submission printed are not on it.
    """
    titles = tuple(titles)
    for size in TEXT_SIZES:
        page = _page(course, unit, titles, marked, size)
        if len(page.encode()) <= MOST_BYTES:
            break
    return page


def _page(course: Course, unit: Unit, titles: tuple[Title, ...], marked: Marked, size: int) -> str:
    record = marked.record
    cards = [_card(title, marked, size) for title in titles]
    known = {title.grade_id for title in titles}
    return render(
        "autograder.feedback", "feedback.html.j2",
        course=clip(course.title, 200), unit=unit, name=clip(record.name or record.student, 120, 1),
        student=clip(record.student, 120, 1), cards=cards, marked=marked,
        total=marked.score, points=sum(card.points for card in cards),
        show_cards=not record.refused or any(card.comment or card.score for card in cards),
        other_file=bool(OTHER_FILE.search(record.refused or "")),
        refused=_line(record.refused or "", size), received=_when(record.received),
        marked_on=_when(record.run.get("started")), mark=record.submission_sha256[:12],
        extra_time=record.extra_time, output_bytes=int(record.run.get("output_bytes") or 0),
        repairs=_some([_mended(r, size) for r in record.repairs if r.grade_id not in known]),
        faults=_some([f"{clip(f.label, 60, 1)}: {_line(f.message, size)}" for f in record.faults
                      if f.grade_id not in known]),
    )


def _card(title: Title, marked: Marked, size: int) -> Card:
    record = marked.record
    results = [r for r in record.results if r.exercise == title.grade_id]
    scores = [marked.score_of(r) for r in results]
    given = [score for score in scores if score is not None]
    comments = [marked.by_hand.comments.get(title.grade_id, ""), *(marked.hand(r).comment for r in results)]
    return Card(
        title=title, state=_state(marked, results), score=sum(given) if given else None,
        points=sum(r.points for r in results) or title.points,
        said=[_said(r, size) for r in results if r.status != MANUAL],
        comment=clip("\n\n".join(dict.fromkeys(filter(None, comments))), size),
        repairs=_some([_mended(r, size) for r in record.repairs if r.grade_id == title.grade_id]),
        faults=_some([_line(f.message, size) for f in record.faults if f.grade_id == title.grade_id]),
        answer=clip(record.answers.get(title.grade_id) or "", size, 200),
    )


def _state(marked: Marked, results: list[CheckResult]) -> State:
    """The worst of an exercise's results; what a person decided comes before what the computer found."""
    if not results:
        return STATES[BROKEN]
    if any(marked.hand(r).score is not None for r in results) and not any(r in marked.waiting for r in results):
        lost = any((marked.score_of(r) or 0) < r.points for r in results)
        return STATES[MARKED if lost else MARKED_FULL]
    statuses = [r.status for r in results]
    if PASSED in statuses and any((r.score or 0) < r.points for r in results) and BROKEN not in statuses:
        return STATES[PARTLY]
    return STATES[next(status for status in WORST_FIRST if status in statuses)]


def _said(result: CheckResult, size: int) -> Said:
    if result.status == BROKEN:  # the message is for the instructor
        return Said("", "", "", False)
    state = STATES[result.status]
    message = sentence(_line(result.message, size)) or state.otherwise
    measured = ", ".join(f"{name}: {value:.4g}" for name, value in list(result.measured.items())[:MOST_ENTRIES])
    return Said("\n".join(filter(None, [message, state.meaning])), _line(result.printed, min(size, 600)),
                clip(measured, min(size, 600)), result.status == PASSED)


def _mended(repair: Repair, size: int) -> str:
    return _line(repair.what, size) + (" A person will look at this." if repair.doubtful else "")


def _line(text: str, size: int) -> str:
    return without_paths(clip(text, size))


def _some(texts: list[str]) -> list[str]:
    """Each text once, and not too many."""
    texts = list(dict.fromkeys(filter(None, texts)))
    if len(texts) <= MOST_ENTRIES:
        return texts
    return [*texts[:MOST_ENTRIES], f"… and {len(texts) - MOST_ENTRIES} more"]


def _when(text: object) -> str:
    """An ISO time as people write it, in UTC: "21 November 2026, 14:03 UTC"; "" for what is none."""
    try:
        time = datetime.fromisoformat(str(text))
        time = time.astimezone(UTC) if time.tzinfo else time
    except (ValueError, OverflowError):
        return ""
    return f"{time.day} {time:%B %Y, %H:%M}" + (" UTC" if time.tzinfo else "")
