"""Spoken digits: 6 speakers × 10 digits × 50 takes, 8 kHz.

Takes 0 to 4 of every speaker and digit are the test split of the data set's authors.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from course_lib import audio
from course_lib.data.errors import DataError, DataUnavailable
from course_lib.data.registry import dataset
from course_lib.data.store import load_files

SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
RATE = 8000


@dataclass(frozen=True)
class Digit:
    """One spoken digit, recorded (`path`) or generated (`samples`)."""

    digit: int
    speaker: str
    take: int
    path: Path | None = None
    samples: np.ndarray | None = field(default=None, repr=False, compare=False)
    phones: tuple[tuple[str, float, float], ...] = field(default=(), repr=False, compare=False)
    """(phone, start, end) in seconds; generated digits only."""

    @property
    def word(self) -> str:
        """The word that is spoken, such as "seven"."""
        return WORDS[self.digit]

    def audio(self) -> np.ndarray:
        """float32 array (samples,) at 8000 Hz; the recordings last 0.14 to 2.3 seconds."""
        if self.samples is not None:
            return self.samples.copy()
        return audio.read(self.path, sr=RATE)[0]


def spoken_digits(
    *, speakers: Collection[str] | None = None, digits: Collection[int] | None = None,
    takes: Collection[int] | None = None,
) -> list[Digit]:
    """Recorded digits (Free Spoken Digit Dataset), sorted by speaker, digit and take.

    Args:
        speakers: some of `SPEAKERS`; None takes all.
        digits: some of 0 … 9; None takes all.
        takes: some of 0 … 49; None takes all. 0 … 4 are the official test split.

    Returns:
        One `Digit` per recording; `.audio()` reads it.

    Raises:
        DataError: an unknown speaker, digit or take; no data and no network (it names the generated set).
    """
    entry = dataset("spoken_digits")
    wanted = [
        (speaker, digit, take)
        for speaker in chosen(speakers, SPEAKERS, "speaker")
        for digit in chosen(digits, range(10), "digit")
        for take in chosen(takes, range(50), "take")
    ]
    names = [f"recordings/{digit}_{speaker}_{take}.wav" for speaker, digit, take in wanted]
    paths = load_files(entry, names)
    return [Digit(digit, speaker, take, path) for (speaker, digit, take), path in zip(wanted, paths, strict=True)]


def digits_or_generated(
    *, speakers: Collection[str] | None = None, digits: Collection[int] | None = None,
    takes: Collection[int] | None = None,
) -> tuple[list[Digit], str]:
    """Recorded digits, or generated ones where the recordings cannot be had; prints which.

    The generated voices bear the names of the recorded speakers, so that splits by speaker still work. A damaged file
    stays an error.

    Returns:
        (digits, note): the note is one sentence for captions and tables of results.
    """
    try:
        found = spoken_digits(speakers=speakers, digits=digits, takes=takes)
        note = f"{len(found)} recorded digits of {len({d.speaker for d in found})} speakers (FSDD, CC BY-SA 4.0)"
    except DataUnavailable as error:
        from course_lib.data import generate

        found = generate.spoken_digits(speakers=speakers, digits=digits, takes=range(50) if takes is None else takes)
        note = f"{len(found)} generated digits of {len({d.speaker for d in found})} synthetic voices: {error}"
    print(note)
    return found, note


def chosen(values: Collection | None, allowed: Collection, what: str) -> list:
    """The values asked for, in the order of `allowed`; all of them for None. Raises DataError for an unknown one."""
    if values is None:
        return list(allowed)
    values = [values] if isinstance(values, str | int) else list(values)
    for value in values:
        if value not in allowed:
            known = ", ".join(map(str, allowed)) if len(allowed) <= 20 else f"{min(allowed)} … {max(allowed)}"
            raise DataError(f"there is no {what} {value!r}; there are {known}")
    if not values:
        raise DataError(f"no {what} was asked for: the selection is empty")
    return [value for value in allowed if value in values]
