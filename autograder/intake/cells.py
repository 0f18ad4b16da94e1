"""One cell of a student's file: its kind, its text, and what may tell which cell of the release it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.intake.text import clean_text, source_text

CODE, MARKDOWN, RAW = "code", "markdown", "raw"
KINDS = {"code": CODE, "markdown": MARKDOWN, "raw": RAW, "heading": MARKDOWN, "html": MARKDOWN}
PICTURES = ("image/png", "image/jpeg", "image/gif")
PICTURE_CHARACTERS = 8_000_000
ID_CHARACTERS = 200


@dataclass(frozen=True)
class Cell:
    """A cell as it was handed in; metadata that no other field holds is gone, tags and outputs among it.

    Args:
        number: its place in the file, counted from 1: how messages name it.
        kind: CODE, MARKDOWN or RAW.
        source: the text, line ends as "\\n".
        grade_id: from nbgrader's metadata.
        ids: cell ids, also where Colab keeps them.
        pictures: attachments of a markdown cell: name → {mime type: base64}.
    """

    number: int
    kind: str
    source: str
    grade_id: str | None = None
    ids: tuple[str, ...] = ()
    pictures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_cell(raw: Any, number: int) -> Cell | None:
    """The cell that `raw`, an entry of a notebook of format 3 or 4, describes; None where it is no cell."""
    if not isinstance(raw, dict) or not isinstance(raw.get("cell_type"), str):
        return None
    kind = KINDS.get(raw["cell_type"], RAW)
    source = source_text(raw.get("source", raw.get("input")))  # format 3 calls the text of code `input`
    if raw["cell_type"] == "heading":
        level = raw.get("level")
        source = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1) + " " + source
    metadata = raw.get("metadata") if isinstance(raw.get("metadata"), dict) else {}
    graded = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    ids = (raw.get("id"), metadata.get("id"), metadata.get("cell_id"))
    pictures = _pictures(raw.get("attachments")) if kind == MARKDOWN else {}
    return Cell(number, kind, source, _name(graded.get("grade_id")), tuple(filter(None, map(_name, ids))), pictures)


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= ID_CHARACTERS else None


def _pictures(raw: Any) -> dict[str, dict[str, str]]:
    """The bitmaps among the attachments: an SVG can hold a script."""
    kept: dict[str, dict[str, str]] = {}
    left = PICTURE_CHARACTERS
    for name, bundle in raw.items() if isinstance(raw, dict) else ():
        for mime in PICTURES:
            text = source_text(bundle.get(mime)) if isinstance(bundle, dict) else ""
            if text and len(text) <= left and isinstance(name, str):
                left -= len(text)
                kept.setdefault(clean_text(name), {})[mime] = text
    return kept
