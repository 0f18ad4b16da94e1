"""Whose file is this? Read from the path as nbgrader, Moodle, Canvas or a person named it."""

import hashlib
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<what>file|onlinetext)_?(?P<file>.*)")
CANVAS = re.compile(
    r"(?P<name>[^_]+)_(?:(?P<late>late)_)?(?P<id>\d+)_(?:(?P<late2>late)_)?(?P<submission>\d{3,})_(?P<file>.+)", re.I
)
NUMBER = re.compile(r"(?:-(?P<dash>\d{1,3})|\s*\((?P<bracket>\d{1,3})\))$")
NOT_IN_IDS = re.compile(r"[^\w.@+ -]")
ID_CHARACTERS = 80


@dataclass(frozen=True)
class Who:
    """The owner of a file.

    Args:
        student: id for the gradebook.
        name: for people.
        file: the name of the file as the student gave it.
        platform: "moodle", "canvas", "nbgrader" or "".
        late: whether the platform marked it as late.
    """

    student: str
    name: str
    file: str
    platform: str = ""
    late: bool = False


def owner(parts: tuple[str, ...], unit: str) -> Who | None:
    """Who handed in the file with this path below the source; None where no name is in it."""
    file = parts[-1]
    for at, part in enumerate(parts):
        found = MOODLE.fullmatch(part)
        if found:
            inner = found["file"] if at == len(parts) - 1 else file
            return Who(student_id(found["id"]), display(found["name"]), inner or file, "moodle")
    found = CANVAS.fullmatch(file)
    if found:
        late = bool(found["late"] or found["late2"])
        return Who(student_id(found["id"]), display(found["name"]), found["file"], "canvas", late)
    if len(parts) >= 3 and parts[-2] == unit:
        return Who(student_id(parts[-3]), display(parts[-3]), file, "nbgrader")
    if len(parts) >= 2:
        return Who(student_id(parts[0]), display(parts[0]), file)
    stem = file.rsplit(".", 1)[0]
    bare = re.sub(rf"(?i)[\s_-]*{re.escape(unit)}[\s_-]*", " ", NUMBER.sub("", stem)).strip()
    return Who(student_id(bare), display(bare), file) if re.search(r"\w", bare) else None


def student_id(text: str) -> str:
    """An id that is safe as a folder name, in a table and in a URL; the text itself where it is that already."""
    plain = unicodedata.normalize("NFC", text).strip()
    made = NOT_IN_IDS.sub("_", plain).lstrip(".-+@ ").rstrip(". ")[:ID_CHARACTERS].rstrip(". ")
    if made and made == plain:
        return made
    mark = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:6]
    return f"{made}_{mark}" if made else f"student_{mark}"


def display(text: str) -> str:
    """A name for lists: printable, on one line."""
    plain = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text))
    return " ".join(plain.split())[:120] or "?"


def number(file: str) -> int:
    """Which attempt a file name tells: Canvas writes "-2", browsers "(2)"; 0 where it tells none."""
    found = NUMBER.search(file.rsplit(".", 1)[0])
    return int(found["dash"] or found["bracket"]) if found else 0


def fits(file: str, unit: str, units: Collection[str]) -> int:
    """How well a file name fits the unit: 3 the very name, 2 holds it, 1 names no unit, 0 names another one."""
    stem = NUMBER.sub("", file.rsplit(".", 1)[0]).lower()
    if stem == unit.lower():
        return 3
    if unit.lower() in stem:
        return 2
    return 0 if any(other.lower() in stem for other in units if other != unit) else 1
