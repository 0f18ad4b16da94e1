"""A file that was handed in, wherever it lies, and how to read it without trusting its name, its size or its kind."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

MAX_FILES = 50_000
MAX_DEPTH = 8
IGNORED = (".ipynb_checkpoints", "__MACOSX", "__pycache__")


class UnreadableError(Exception):
    """Why one file cannot be taken: a sentence for the student and the instructor."""


class Stored(Protocol):
    """Opens the bytes of one file."""

    def open(self) -> BinaryIO:
        """A stream of the bytes; raises UnreadableError."""


@dataclass(frozen=True)
class File:
    """One file below the source.

    Args:
        parts: its path below the source, as it is written there.
        size: bytes, as the source claims.
        time: when it was changed last, seconds; only good for telling attempts apart.
        stored: opens it; None where it must not be opened.
        fault: why it must not be opened.
        path: where it lies on the disk, if it does.
    """

    parts: tuple[str, ...]
    size: int = 0
    time: float = 0.0
    stored: Stored | None = None
    fault: str = ""
    path: Path | None = None

    @property
    def name(self) -> str:
        """The last part."""
        return self.parts[-1]

    @property
    def label(self) -> str:
        """The path as a message shows it."""
        return "/".join(self.parts)[:300]


@dataclass(frozen=True)
class OnDisk:
    """A regular file of the file system."""

    path: Path

    def open(self) -> BinaryIO:
        """Open it, never through a link, never a device or a pipe."""
        try:
            handle = os.open(self.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            raise UnreadableError(f"it cannot be read ({error.strerror})") from None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise UnreadableError("it is not a regular file")
        return os.fdopen(handle, "rb")


def walk(root: Path) -> Iterator[File]:
    """Every file below a folder, links as faults; at most MAX_FILES."""
    waiting: list[tuple[Path, tuple[str, ...]]] = [(root, ())]
    count = 0
    while waiting:
        folder, parts = waiting.pop()
        try:
            inside = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            yield File((*parts, "?"), fault=f"the folder cannot be read ({error.strerror})")
            continue
        for entry in inside:
            if entry.name in IGNORED or entry.name.startswith("."):
                continue
            count += 1
            if count > MAX_FILES:
                yield File((*parts, entry.name), fault=f"there are more than {MAX_FILES} files; the rest was left out")
                return
            below = (*parts, _printable(entry.name))
            if entry.is_dir(follow_symlinks=False):
                if len(below) < MAX_DEPTH:
                    waiting.append((Path(entry.path), below))
                else:
                    yield File(below, fault="its folders are nested too deeply")
                continue
            yield _entry(entry, below)


def _entry(entry: os.DirEntry, parts: tuple[str, ...]) -> File:
    try:
        if entry.is_symlink():
            return File(parts, fault="it is a symbolic link, which is not followed")
        found = entry.stat(follow_symlinks=False)
    except OSError as error:
        return File(parts, fault=f"it cannot be read ({error.strerror})")
    if not stat.S_ISREG(found.st_mode):
        return File(parts, fault="it is not a regular file")
    return File(parts, found.st_size, found.st_mtime, OnDisk(Path(entry.path)), path=Path(entry.path))


def _printable(name: str) -> str:
    """A file name may hold any bytes."""
    return os.fsencode(name).decode("utf-8", errors="replace")
