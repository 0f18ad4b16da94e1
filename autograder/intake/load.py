"""Bytes to cells: whatever the bytes are, the answer is a list of cells or one sentence why there is none."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from autograder.intake.cells import Cell, read_cell
from autograder.intake.scan import TooIntricateError, shed_outputs
from autograder.intake.text import decode, encoding_of, one_byte
from autograder.model.submission import Repair

MAX_BYTES = 150 << 20
"""The largest file that is looked at: players and figures make an honest notebook large."""
MAX_LEFT_BYTES = 50 << 20
"""The most that may be left of it when the outputs are gone."""
MAX_BRACKETS, MAX_COMMAS = 2_000_000, 5_000_000
MAX_CELLS = 2_000
MAX_SOURCE = 10_000_000
SALVAGE_CHARACTERS = 200_000_000
CELL_BEGIN = re.compile(r'\{\s*"(?:attachments|cell_type|execution_count|id|metadata|outputs|source)"\s*:')
OTHER_FILES = ((b"PK\x03\x04", "a zip archive"), (b"%PDF", "a PDF"), (b"\x1f\x8b", "a gzip archive"),
               (b"\x89PNG", "a picture"), (b"<!DOCTYPE", "a web page"), (b"<html", "a web page"))


@dataclass
class Loaded:
    """What a file held.

    Args:
        cells: in the order of the file.
        repairs: what was odd about the file as a whole.
        release: the digest of the release it was made from, if the file still says so.
        refused: why it could not be read, else None.
    """

    cells: list[Cell] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    release: str | None = None
    refused: str | None = None


def load(data: bytes) -> Loaded:
    """The cells of a notebook file of any version, damaged or not. Never raises."""
    refused = _refuse_bytes(data)
    if refused:
        return Loaded(refused=refused)
    encoding, odd = encoding_of(data)
    try:
        data = shed_outputs(one_byte(data, encoding))
    except TooIntricateError as error:
        return Loaded(refused=f"The file cannot be read: {error}.")
    if len(data) > MAX_LEFT_BYTES:
        return Loaded(refused=f"The file is too large: {len(data) >> 20} MiB without the outputs; "
                              f"the most is {MAX_LEFT_BYTES >> 20} MiB.")
    text, guessed = decode(data)
    odd = odd or guessed
    repairs = [Repair(f"The file is not plain UTF-8: it was read as {odd}.")] if odd else []
    if text.count("{") + text.count("[") > MAX_BRACKETS or text.count(",") > MAX_COMMAS:
        return Loaded(refused="The file cannot be read: it has millions of entries, as no notebook has.")
    repeated: set[str] = set()
    try:
        top = _decoder(repeated).decode(text.strip())
    except (ValueError, RecursionError) as error:
        return _salvage(text, repairs, error)
    if repeated & {"cells", "source", "cell_type", "metadata"}:
        repairs.append(Repair(f"The file names {_list(repeated)} twice in one place; the last one counts.", None, True))
    raw = _raw_cells(top)
    if raw is None:
        return Loaded(refused="The file is JSON, but not a notebook: it has no list of cells.")
    loaded = Loaded(repairs=repairs, release=_release(top))
    return _fill(loaded, raw)


def _refuse_bytes(data: bytes) -> str | None:
    if not data.strip():
        return "The file is empty."
    if len(data) > MAX_BYTES:
        return f"The file is too large: {len(data) >> 20} MiB; the most is {MAX_BYTES >> 20} MiB."
    for mark, name in OTHER_FILES:
        if data[:200].lstrip()[: len(mark)].lower() == mark.lower():
            return f"The file is {name}, not a notebook."
    return None


def _decoder(repeated: set[str]) -> json.JSONDecoder:
    """A decoder that remembers keys written twice in one object and makes no number of endless digits."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) < len(items):
            seen: set[str] = set()
            repeated.update(key for key, _ in items if key in seen or seen.add(key))
        return made

    return json.JSONDecoder(object_pairs_hook=pairs, strict=False, parse_int=lambda digits: int(digits[:9]),
                            parse_float=lambda _: 0.0, parse_constant=lambda _: None)


def _raw_cells(top: Any) -> list[Any] | None:
    """The list of cells of format 4 or 3, also where a program wrapped the notebook into something else."""
    if not isinstance(top, dict):
        return None
    for inner in (top, top.get("content"), top.get("notebook")):
        if isinstance(inner, dict) and isinstance(inner.get("cells"), list):
            return inner["cells"]
    sheets = top.get("worksheets")
    if isinstance(sheets, list):
        lists = [s["cells"] for s in sheets if isinstance(s, dict) and isinstance(s.get("cells"), list)]
        return [cell for cells in lists for cell in cells]
    return None


def _release(top: dict) -> str | None:
    metadata = top.get("metadata")
    course = metadata.get("course") if isinstance(metadata, dict) else None
    digest = course.get("digest") if isinstance(course, dict) else None
    return digest if isinstance(digest, str) else None


def _fill(loaded: Loaded, raw: list[Any]) -> Loaded:
    left = MAX_SOURCE
    for number, entry in enumerate(raw[:MAX_CELLS], 1):
        cell = read_cell(entry, number)
        if cell is None or len(cell.source) > left:
            what = "is not a cell" if cell is None else "is too long"
            loaded.repairs.append(Repair(f"Entry {number} of the file {what} and was left out.", None, True))
            continue
        left -= len(cell.source)
        loaded.cells.append(cell)
    if len(raw) > MAX_CELLS:
        loaded.repairs.append(Repair(f"The file has {len(raw)} cells; the first {MAX_CELLS} were read.", None, True))
    return loaded


def _salvage(text: str, repairs: list[Repair], error: Exception) -> Loaded:
    """The cells that can be read one by one: an upload that broke off, a merge with conflict marks, a lost comma."""
    decoder, raw, at, spent = _decoder(set()), [], 0, 0
    while spent < SALVAGE_CHARACTERS and (found := CELL_BEGIN.search(text, at)):
        try:
            entry, at = decoder.raw_decode(text, found.start())
        except json.JSONDecodeError as fault:
            spent += max(fault.pos - found.start(), 1)
            at = found.start() + 1
            continue
        except (ValueError, RecursionError):
            spent += len(text)
            at = found.start() + 1
            continue
        if isinstance(entry, dict) and "cell_type" in entry:
            raw.append(entry)
        else:
            at = found.start() + 1
            spent += 1
    if not raw:
        return Loaded(refused=f"The file is not a notebook: {_say(error)}.")
    note = f"The file is damaged ({_say(error)}). {len(raw)} cells could be read; others may be lost."
    return _fill(Loaded(repairs=[*repairs, Repair(note, None, True)]), raw)


def _say(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no valid JSON at line {error.lineno}, column {error.colno}"
    return "its JSON is nested too deeply" if isinstance(error, RecursionError) else "no valid JSON"


def _list(names: set[str]) -> str:
    return ", ".join(f"`{name[:40]}`" for name in sorted(names)[:5])
