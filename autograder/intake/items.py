"""The submissions of a class, read from the disk one at a time: three hundred notebooks need not fit in memory."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.intake.files import File, UnreadableError
from autograder.intake.load import MAX_BYTES
from autograder.intake.who import Who, student_id
from autograder.model.submission import HandedIn

MAX_WEIGHTS_BYTES = 256 << 20
MAX_WEIGHTS = 8
CHUNK = 1 << 20


@dataclass(frozen=True)
class Chosen:
    """What one student handed in, not read yet.

    Args:
        who: the student.
        notebook: the file to grade; None where there is none.
        origin: where it came from.
        stamp: nbgrader's timestamp.txt beside it.
        weights: model weights handed in with it: (name the student gave, file).
        faults: what is wrong so far.
    """

    who: Who
    notebook: File | None
    origin: str
    stamp: File | None = None
    weights: tuple[tuple[str, File], ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Items(Sequence):
    """A sequence of HandedIn; each access reads the file anew and keeps nothing.

    Args:
        chosen: one per student.
        unpack: the folder into which weights from an archive are written.
        students: the ids, without reading anything.
    """

    chosen: Sequence[Chosen]
    unpack: Path
    students: tuple[str, ...] = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "students", tuple(c.who.student for c in self.chosen))

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, at):
        if isinstance(at, slice):
            return [self._read(chosen) for chosen in self.chosen[at]]
        return self._read(self.chosen[at])

    def _read(self, chosen: Chosen) -> HandedIn:
        faults = list(chosen.faults)
        data = read_bytes(chosen.notebook, MAX_BYTES, faults) if chosen.notebook else b""
        received = _received(chosen.stamp) if chosen.stamp else None
        weights = self._weights(chosen, faults)
        return HandedIn(chosen.who.student, chosen.who.name, data, received, chosen.origin, weights, tuple(faults))

    def _weights(self, chosen: Chosen, faults: list[str]) -> dict[str, Path]:
        kept: dict[str, Path] = {}
        for name, file in chosen.weights:
            why = file.fault
            if file.size > MAX_WEIGHTS_BYTES or len(kept) >= MAX_WEIGHTS:
                why = f"only {MAX_WEIGHTS} files of at most {MAX_WEIGHTS_BYTES >> 20} MiB are taken"
            if not why:
                try:
                    kept[name] = file.path or self._extract(chosen.who.student, name, file)
                except (UnreadableError, OSError) as error:
                    why = str(error)
            if why:
                faults.append(f"{file.label} was not taken: {why}.")
        return kept

    def _extract(self, student: str, name: str, file: File) -> Path:
        """Copy an entry of an archive to a file of our own naming."""
        folder = self.unpack / student
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder)
        left = MAX_WEIGHTS_BYTES
        try:
            with os.fdopen(handle, "wb") as target, file.stored.open() as stream:
                while chunk := stream.read(CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise UnreadableError(f"it is larger than {MAX_WEIGHTS_BYTES >> 20} MiB")
                    target.write(chunk)
            path = folder / student_id(name)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
        return path


def read_bytes(file: File, most: int, faults: list[str]) -> bytes:
    """The bytes of a file, at most `most`; where that fails, none, and a fault more."""
    if file.fault:
        faults.append(f"{file.label} was not read: {file.fault}.")
        return b""
    try:
        with file.stored.open() as stream:
            data = stream.read(most + 1)
    except (UnreadableError, OSError) as error:
        faults.append(f"{file.label} was not read: {error}.")
        return b""
    if len(data) > most:
        faults.append(f"{file.label} was not read: it is larger than {most >> 20} MiB.")
        return b""
    if not data:
        faults.append(f"{file.label} is an empty file.")
    return data


def _received(stamp: File) -> str | None:
    """The time that nbgrader's timestamp.txt holds, as ISO 8601 with zone."""
    text = read_bytes(stamp, 1000, []).decode("ascii", "replace").strip().removesuffix(" UTC")
    for form in ("%Y-%m-%d %H:%M:%S.%f %z", "%Y-%m-%d %H:%M:%S %z"):
        try:
            return datetime.strptime(text + " +0000", form).isoformat()
        except ValueError:
            continue
    return None
