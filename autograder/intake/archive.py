"""Zip files of strangers: listed and read entry by entry, never unpacked by their own names."""

import calendar
import contextlib
import io
import re
import stat
import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from autograder.intake.files import IGNORED, MAX_FILES, File, Stored, UnreadableError

MAX_NESTED_BYTES = 150 << 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what zipfile unpacks piece by piece, in bounded memory
BROKEN = (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError, KeyError)
TAIL_BYTES, MAX_LIST_BYTES = 1 << 17, 16 << 20
LENGTHS = ((b"PK\x05\x06", "<L", 12), (b"PK\x06\x06", "<Q", 40))  # the end record and its 64-bit form
ENCRYPTED, UTF8 = 0x1, 0x800


@dataclass(frozen=True)
class InZip:
    """One entry of an open archive."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def open(self) -> BinaryIO:
        """A stream of the entry's bytes; it ends where the archive says that the entry ends."""
        try:
            return _Guarded(self.archive.open(self.info))
        except BROKEN as error:
            raise UnreadableError(f"its place in the archive is damaged ({_say(error)})") from None


@dataclass(frozen=True)
class InNestedZip:
    """One entry of an archive that a student handed in; the archive is opened anew each time, not kept in memory."""

    outer: Stored
    index: int

    def open(self) -> BinaryIO:
        """As `InZip.open`."""
        archive = _nested(self.outer)
        return InZip(archive, archive.infolist()[self.index]).open()


class _Guarded(io.RawIOBase):
    """Turns what zipfile raises while it reads into UnreadableError."""

    def __init__(self, inner: BinaryIO):
        super().__init__()
        self._inner = inner

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return self._inner.read(size)
        except BROKEN as error:
            raise UnreadableError(f"its place in the archive is damaged ({_say(error)})") from None
        except Exception as error:  # zlib.error has no common base with the others
            raise UnreadableError(f"its compressed data are damaged ({type(error).__name__})") from None

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._inner.close()
        super().close()


def open_zip(path: Path) -> zipfile.ZipFile:
    """The archive; raises UnreadableError."""
    try:
        with path.open("rb") as stream:
            _check_list(stream)
        return zipfile.ZipFile(path)
    except BROKEN as error:
        raise UnreadableError(_say(error)) from None


def list_zip(archive: zipfile.ZipFile) -> list[File]:
    """Every file of an archive, without the one folder that may surround all of them."""
    return strip_root([_file(info, InZip(archive, info)) for info in _infos(archive)])


def list_nested(file: File) -> list[File]:
    """Every file of an archive that one student handed in, as files of that student; an archive in it is a fault."""
    try:
        archive = _nested(file.stored)
    except UnreadableError as error:
        return [replace(file, fault=f"the archive cannot be opened: {error}")]
    found = []
    for index, info in enumerate(archive.infolist()[:MAX_FILES]):
        if info.is_dir() or _ignored(info.filename):
            continue
        inner = _file(info, InNestedZip(file.stored, index))
        if inner.name.lower().endswith(".zip"):
            inner = replace(inner, fault=inner.fault or "it is an archive within an archive")
        found.append(replace(inner, parts=(*file.parts, *inner.parts)))
    return found


def strip_root(files: Sequence[File]) -> list[File]:
    """Without the leading folders that all files share, as long as several folders are left to tell students apart."""
    files = list(files)
    while files and all(len(f.parts) > 1 for f in files) and len({f.parts[0] for f in files}) == 1:
        if len({f.parts[1] for f in files}) < 2 or "_assignsubmission_" in files[0].parts[0]:
            break
        files = [replace(f, parts=f.parts[1:]) for f in files]
    return files


def _nested(outer: Stored) -> zipfile.ZipFile:
    with outer.open() as stream:
        data = stream.read(MAX_NESTED_BYTES + 1)
    if len(data) > MAX_NESTED_BYTES:
        raise UnreadableError(f"it is larger than {MAX_NESTED_BYTES >> 20} MiB")
    try:
        _check_list(io.BytesIO(data))
        return zipfile.ZipFile(io.BytesIO(data))
    except BROKEN as error:
        raise UnreadableError(_say(error)) from None


def _check_list(stream: BinaryIO) -> None:
    """zipfile reads the whole list of entries into memory, however long: look at its length first."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - TAIL_BYTES))
    tail = stream.read()
    for mark, form, offset in LENGTHS:
        for found in re.finditer(re.escape(mark), tail):
            field = tail[found.start() + offset : found.start() + offset + struct.calcsize(form)]
            if len(field) == struct.calcsize(form):
                length = struct.unpack(form, field)[0]
                if length > MAX_LIST_BYTES and (form, length) != ("<L", 0xFFFFFFFF):  # then the 64-bit record counts
                    raise UnreadableError("it lists too many files")


def _infos(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    for info in archive.infolist()[:MAX_FILES]:
        if not info.is_dir() and not _ignored(info.filename):
            yield info


def _ignored(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return parts[-1].startswith(".") or any(part in IGNORED for part in parts)


def _file(info: zipfile.ZipInfo, stored: Stored) -> File:
    name = _decoded(info)
    raw = re.split(r"[/\\]", name)
    parts = tuple("".join(c if c.isprintable() else "_" for c in part) for part in raw if part not in ("", ".", ".."))
    fault = ""
    if ".." in raw or not raw[0] or re.match(r"[A-Za-z]:$", raw[0]):
        fault = "its name points out of the archive"
    elif stat.S_ISLNK(info.external_attr >> 16):
        fault = "it is a symbolic link, which is not followed"
    elif info.flag_bits & ENCRYPTED:
        fault = "it is encrypted"
    elif info.compress_type not in METHODS:
        fault = "it is compressed by an unusual method"
    return File(parts or ("?",), info.file_size, _time(info), None if fault else stored, fault)


def _decoded(info: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 flag are often UTF-8 all the same; zipfile has read them as code page 437."""
    if not info.flag_bits & UTF8:
        with contextlib.suppress(UnicodeError):
            return info.filename.encode("cp437").decode("utf-8")
    return info.filename


def _time(info: zipfile.ZipInfo) -> float:
    try:
        return float(calendar.timegm((*info.date_time, 0, 0, 0)))
    except (ValueError, OverflowError):
        return 0.0


def _say(error: Exception) -> str:
    return str(error)[:120] or type(error).__name__
