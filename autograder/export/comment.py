"""What a student reads beside the grade: a line for each exercise, with the points and why some are missing."""

from collections.abc import Iterable, Mapping

from autograder.evidence.record import Record
from autograder.export.table import points
from autograder.gradebook import Total
from autograder.gradebook.decision import Entry
from autograder.model.examination import BROKEN
from autograder.pages.exercises import Title
from autograder.pages.text import clip, without_paths
from autograder.pages.words import STATES, sentence

REASON = 240
"""Characters of the message of a check; the whole of it stands on the feedback page."""
NO_RESPONSE = "No response."


def comment_of(total: Total, exercises: Iterable[Title], most: Mapping[str, float], entries: Mapping[str, Entry],
               comments: Mapping[str, str], record: Record | None) -> str:
    """The comment on one submission, plain text.

    Args:
        most: grade_id of the graded cell → its points.
        entries: grade_id of the graded cell → what stands in the gradebook.
        comments: grade_id of the answer → a person's comment, else the computer's.
        record: of `course grade`; None: there is none, so no message either.
    """
    refused = record.refused if record is not None else None
    lines = [f"This file could not be graded. {_short(refused)}"] if refused else []
    for title in exercises:
        cells = [cell for cell in title.tests if cell in entries and cell in most]
        if cells:
            lines.append(_line(title, cells, most, entries, comments.get(title.grade_id, ""), record))
    if total.penalty:
        lines.append(f"late by {total.seconds_late / 3600:.1f} h: -{points(total.penalty)}")
    return "\n".join(lines)


def _line(title: Title, cells: list[str], most: Mapping[str, float], entries: Mapping[str, Entry], comment: str,
          record: Record | None) -> str:
    waits = any(entries[cell].auto is None and entries[cell].manual is None for cell in cells)
    given = f"{points(sum(entries[cell].score for cell in cells))} of {points(sum(most[cell] for cell in cells))}"
    lost = {cell for cell in cells if entries[cell].manual is None and entries[cell].score < most[cell]}
    reason = lost_by(record, lost) if record is not None and not record.refused else ""
    # Breaks of no width kept markup inert in a browser; a table needs none.
    words = "" if reason and comment == NO_RESPONSE else comment.replace("\u200b", "")
    return f"{title.label}: {'not graded yet' if waits else given}" + "".join(f". {w}" for w in (reason, words) if w)


def lost_by(record: Record, cells: Iterable[str]) -> str:
    """The first message of the checks among these graded cells, short; what a broken check says is not for students."""
    for result in record.results:
        if result.grade_id in cells and result.status != BROKEN and result.score is not None:
            said = result.message or STATES[result.status].otherwise or STATES[result.status].word
            return sentence(_short(said))
    return ""


def _short(message: str) -> str:
    line = " ".join(without_paths(clip(message, 4 * REASON)).split())
    return line if len(line) <= REASON else line[: REASON - 1].rstrip() + "…"
