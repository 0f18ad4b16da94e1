"""The chain of records of one unit: a line per record, each sealed together with its number and the line before it.

    {"mac": …, "number": 1, "previous": "", "record": {…}}

`previous` is the SHA-256 of the line before. `mac` is an HMAC, by a key made of the course secret, over the rest of
the line. Beside the chain lies its head: how many lines there are, sealed too, so that lines cut off at the end show.
A line is on the disk before the head that counts it; a grader killed in between leaves a line that the head does not
count yet, or half a line, and both are mended when the chain is next opened.
"""

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.evidence.canonical import canonical, is_sealed, seal_of
from autograder.files import disk_error, write_all

START = ""
"""`previous` of the first line."""
SEALED = ("number", "previous", "record")


@dataclass(frozen=True)
class Line:
    """One line as it stands in the file.

    Args:
        at: position in the file, from 1.
        digest: SHA-256 of its bytes.
        number, previous, record: as it says itself; None where it cannot be read.
        authentic: whether its seal holds.
    """

    at: int
    digest: str
    number: int | None
    previous: str | None
    record: dict[str, Any] | None
    authentic: bool


@dataclass(frozen=True)
class Reading:
    """A chain as it lies on the disk.

    Args:
        lines: the complete lines.
        torn: bytes of an unfinished line at the end.
        counted: how many lines the head vouches for; None if the head's seal does not hold; 0 without a head.
    """

    lines: tuple[Line, ...]
    torn: int
    counted: int | None

    @property
    def sound(self) -> bool:
        """Whether every line is authentic and in its place, and none is missing."""
        previous = START
        for line in self.lines:
            if not (line.authentic and line.number == line.at and line.previous == previous):
                return False
            previous = line.digest
        return self.counted is not None and self.counted <= len(self.lines)


def chain_file(build: Path, unit: str) -> Path:
    """Where the chain of a unit lies."""
    return build / "evidence" / f"{unit}.jsonl"


def head_file(chain: Path) -> Path:
    """Where the head of a chain lies."""
    return chain.with_suffix(".head.json")


def read_chain(file: Path, key: bytes) -> Reading:
    """Read a chain without changing or judging anything; a missing file is an empty chain.

    Raises:
        CourseError: the file cannot be opened.
    """
    try:
        data = file.read_bytes() if file.exists() else b""
    except OSError as error:
        raise CourseError(f"cannot be read: {error.strerror}", file) from None
    *complete, rest = data.split(b"\n")
    lines = tuple(_line(at, text, key) for at, text in enumerate(complete, 1))
    return Reading(lines, len(rest), _counted(head_file(file), key))


def _line(at: int, text: bytes, key: bytes) -> Line:
    digest = hashlib.sha256(text).hexdigest()
    try:
        entry = json.loads(text)
        body = {name: entry[name] for name in SEALED}
        # The exact bytes: another spelling of the same content is a change too.
        authentic = is_sealed(key, body, entry["mac"]) and canonical(body | {"mac": entry["mac"]}) == text
    except (ValueError, KeyError, TypeError, RecursionError):
        return Line(at, digest, None, None, None, False)
    number = body["number"] if type(body["number"]) is int else None
    record = body["record"] if isinstance(body["record"], dict) else None
    return Line(at, digest, number, str(body["previous"]), record, authentic and None not in (number, record))


def _counted(file: Path, key: bytes) -> int | None:
    if not file.exists():
        return 0
    try:
        head = json.loads(file.read_bytes())
        return head["count"] if is_sealed(key, [file.name, head["count"]], head["mac"]) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


class Chain:
    """A chain to append to; one process at a time (the caller holds the lock).

    Raises:
        CourseError: the chain was changed, so nothing may be added to it.
    """

    def __init__(self, file: Path, key: bytes):
        self.file, self._key = file, key
        reading = read_chain(file, key)
        if not reading.sound:
            raise CourseError(
                "this evidence was changed, so nothing is added to it", file, None,
                "see `course verify-grades`; to start anew, move the folder away and grade again",
            )
        if reading.torn:
            self._cut(reading.torn)
        self._last = reading.lines[-1].digest if reading.lines else START
        self._count = len(reading.lines)
        if self._count != reading.counted:
            self._write_head()
        self._latest = {line.record["student"]: line.record for line in reading.lines}

    def __len__(self) -> int:
        return self._count

    def latest(self) -> dict[str, dict[str, Any]]:
        """Student → the newest record, as JSON."""
        return dict(self._latest)

    def append(self, record: dict[str, Any]) -> None:
        """Add a record; it is on the disk when this returns.

        Raises:
            CourseError: the disk is full, …
        """
        body = {"number": self._count + 1, "previous": self._last, "record": record}
        text = canonical(body | {"mac": seal_of(self._key, body)})
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("ab") as stream:
                stream.write(text + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise disk_error(error, self.file) from None
        self._last, self._count = hashlib.sha256(text).hexdigest(), self._count + 1
        self._latest[record["student"]] = record
        self._write_head()

    def _write_head(self) -> None:
        file = head_file(self.file)
        head = {"count": self._count, "mac": seal_of(self._key, [file.name, self._count])}
        write_all({file: json.dumps(head) + "\n"})

    def _cut(self, torn: int) -> None:
        """Take off the half line that a killed grader left."""
        with contextlib.suppress(FileNotFoundError), self.file.open("r+b") as stream:
            stream.truncate(stream.seek(0, os.SEEK_END) - torn)
            stream.flush()
            os.fsync(stream.fileno())
