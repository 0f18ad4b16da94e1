"""Single notes of orchestral instruments (Philharmonia samples, 44.1 kHz, about one second each)."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from course_lib import audio
from course_lib.data.registry import dataset
from course_lib.data.store import load_files
from course_lib.data.views.digits import chosen

INSTRUMENTS = (
    "bass clarinet", "bassoon", "cello", "clarinet", "contrabassoon", "cor anglais", "double bass", "flute",
    "french horn", "oboe", "saxophone", "trombone",
)
DYNAMICS = ("pianissimo", "piano", "mezzo-piano", "mezzo-forte", "forte", "fortissimo")
RATE = 44100

_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
# {instrument}/{instrument}_{note}_{length}_{dynamic}_{technique}.mp3, a sharp written "s": bassoon_As2_1_forte_normal
_FILE = re.compile(r"(?P<instrument>[^/]+)/[^/]+_(?P<note>[A-G]s?)(?P<octave>\d)_[^_]+_(?P<dynamic>[^_]+)_")

# Files whose name gives another pitch than they sound (measured, see the card): instrument, dynamics, lowest and
# highest named pitch, and what to add.
_MISNAMED = (
    ("trombone", ("forte", "fortissimo"), 52, 127, -12),
    ("clarinet", ("fortissimo",), 73, 95, -1),
)


@dataclass(frozen=True)
class Note:
    """One note, recorded (`path`) or generated (`samples`).

    `pitch` is a MIDI number (69 is A4 at 440 Hz): the one that sounds, also where the file is misnamed.
    """

    instrument: str
    pitch: int
    dynamic: str
    path: Path | None = None
    samples: np.ndarray | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Pitch in scientific notation, such as "A#3"."""
        return f"{_NAMES[self.pitch % 12]}{self.pitch // 12 - 1}"

    @property
    def frequency(self) -> float:
        """Fundamental frequency of the pitch in hertz (equal temperament, A4 = 440 Hz)."""
        return 440.0 * 2 ** ((self.pitch - 69) / 12)

    def audio(self, *, sr: int = RATE) -> np.ndarray:
        """float32 array (samples,) at `sr` hertz."""
        if self.samples is not None:
            return audio.resample(self.samples, RATE, sr)
        return audio.read(self.path, sr=sr)[0]


def instrument_notes(
    *, instruments: Collection[str] | None = None, pitches: Collection[int] | None = None,
    dynamics: Collection[str] | None = None,
) -> list[Note]:
    """Recorded notes, sorted by instrument, pitch and dynamic. Not every combination was recorded.

    Args:
        instruments: some of `INSTRUMENTS`; None takes all.
        pitches: MIDI numbers; None takes all.
        dynamics: some of `DYNAMICS`; None takes all.

    Returns:
        One `Note` per recording; the list may be empty.

    Raises:
        DataError: an unknown instrument, dynamic or pitch; no data and no network.
    """
    entry = dataset("instrument_notes")
    wanted_instruments = chosen(instruments, INSTRUMENTS, "instrument")
    wanted_pitches = set(chosen(pitches, range(128), "pitch"))
    wanted_dynamics = chosen(dynamics, DYNAMICS, "dynamic")
    found = []
    for name in entry.checksums:
        match = _FILE.match(name)
        if match is None:  # percussion has no pitch
            continue
        instrument, dynamic, pitch = match["instrument"], match["dynamic"], _sounding_pitch(match)
        if instrument in wanted_instruments and pitch in wanted_pitches and dynamic in wanted_dynamics:
            found.append((INSTRUMENTS.index(instrument), pitch, DYNAMICS.index(dynamic), name))
    found.sort()
    paths = load_files(entry, [name for *_, name in found])
    return [
        Note(INSTRUMENTS[instrument], pitch, DYNAMICS[dynamic], path)
        for (instrument, pitch, dynamic, _), path in zip(found, paths, strict=True)
    ]


def _sounding_pitch(match: re.Match) -> int:
    pitch = 12 * (int(match["octave"]) + 1) + _NAMES.index(match["note"].replace("s", "#"))
    for instrument, dynamics, low, high, shift in _MISNAMED:
        if match["instrument"] == instrument and match["dynamic"] in dynamics and low <= pitch <= high:
            return pitch + shift
    return pitch
