"""Connected digits: spoken strings made of single recordings, with their exact alignment.

Real recordings of single digits are joined with random short gaps or overlaps, so every string is real speech by one
speaker and the place of every digit is known to the sample. A framewise network needs those places; CTC does not.
Used in units 12_ctc and 13_deep_speech.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from jaxtyping import Float, Float32

from course_lib.data.views.digits import RATE as SAMPLE_RATE

TAKE_LEVEL = 10 ** (-23 / 20)
"""RMS level to which every take is brought before it is varied: -23 dBFS."""


class Take(Protocol):
    """What is needed of a recording; `data.spoken_digits()` returns such objects."""

    digit: int
    speaker: str

    def audio(self) -> Float32[np.ndarray, " samples"]:
        """The recording at 8 kHz."""


@dataclass(frozen=True)
class DigitString:
    """One spoken string: audio at 8 kHz, its digits, and the first and last sample (exclusive) of each digit."""

    audio: Float32[np.ndarray, " samples"] = field(repr=False)
    digits: tuple[int, ...]
    spans: tuple[tuple[int, int], ...] = field(repr=False)
    speaker: str

    @property
    def seconds(self) -> float:
        """Duration."""
        return len(self.audio) / SAMPLE_RATE


class DigitSpeech:
    """Speaks digit strings with the given recordings. Every string is a function of the generator it is handed.

    Args:
        takes: recordings of single digits.
        gap: shortest and longest pause between two digits in seconds; negative means overlap.
        snr_db: quietest and loudest speech over white noise, in dB.
        speed: slowest and fastest playing; pitch and formants move with it, as if the speaker were another.
        level_db: largest change of level of one digit, in dB, both ways.

    Raises:
        ValueError: no recordings, an interval whose ends are turned round, or a speed that is not positive.
    """

    def __init__(
        self, takes: Sequence[Take], *, gap: tuple[float, float] = (-0.03, 0.15),
        snr_db: tuple[float, float] = (15.0, 35.0), speed: tuple[float, float] = (1.0, 1.0), level_db: float = 3.0,
    ):
        if not takes:
            raise ValueError("no recordings to speak with: check the speakers and takes that were asked for")
        for name, (low, high) in (("gap", gap), ("snr_db", snr_db), ("speed", speed)):
            if not low <= high or (name == "speed" and low <= 0):
                above = " above 0" if name == "speed" else ""
                raise ValueError(f"{name} should be an interval (low, high){above}, got {(low, high)}")
        self.gap, self.snr_db, self.speed, self.level_db = gap, snr_db, speed, level_db
        self.speakers = sorted({take.speaker for take in takes})
        self._bank: dict[tuple[str, int], list[np.ndarray]] = {}
        for take in takes:
            self._bank.setdefault((take.speaker, take.digit), []).append(_levelled(take.audio()))

    def say(self, digits: Sequence[int], rng: np.random.Generator, *, speaker: str | None = None) -> DigitString:
        """Speak one string, all by one speaker (a random one by default).

        Raises:
            ValueError: no digits, or no recording of one of them by the speaker.
        """
        if not len(digits):
            raise ValueError("a string needs at least one digit")
        speaker = str(rng.choice(self.speakers)) if speaker is None else speaker
        speed = rng.uniform(*self.speed)
        position, parts = _samples(rng.uniform(0.0, 0.15)), []
        for digit in map(int, digits):
            takes = self._bank.get((speaker, digit))
            if not takes:
                raise ValueError(f"no recording of the digit {digit} by {speaker!r}")
            take = _played(takes[rng.integers(len(takes))], speed)
            take = take * np.float32(10 ** (rng.uniform(-self.level_db, self.level_db) / 20))
            parts.append((position, take))
            # However large the overlap, a digit starts after the middle of the one before.
            position += max(len(take) + _samples(rng.uniform(*self.gap)), len(take) // 2)
        ends = [start + len(take) for start, take in parts]
        audio = self._noise(max(ends) + _samples(rng.uniform(0.0, 0.15)), rng)
        for start, take in parts:
            audio[start : start + len(take)] += take
        return DigitString(audio, tuple(map(int, digits)), _spans(parts), speaker)

    def draw(
        self, count: int, rng: np.random.Generator, *, transitions: Float[np.ndarray, "10 10"] | None = None,
        lengths: tuple[int, int] = (2, 5),
    ) -> list[DigitString]:
        """Speak `count` random strings; see `digit_text`."""
        return [self.say(text, rng) for text in digit_text(count, rng, transitions=transitions, lengths=lengths)]

    def _noise(self, samples: int, rng: np.random.Generator) -> Float32[np.ndarray, " samples"]:
        level = TAKE_LEVEL * 10 ** (-rng.uniform(*self.snr_db) / 20)
        return rng.standard_normal(samples, dtype=np.float32) * np.float32(level)


def digit_text(
    count: int, rng: np.random.Generator, *, transitions: Float[np.ndarray, "10 10"] | None = None,
    lengths: tuple[int, int] = (2, 5),
) -> list[list[int]]:
    """Random digit strings, all lengths from the first to the last equally likely.

    Args:
        transitions: row a holds the probabilities of the digit after a; without it all digits are equally likely.
        lengths: fewest and most digits of a string.

    Raises:
        ValueError: lengths that are not 1 or more, the fewest first.
    """
    if not 1 <= lengths[0] <= lengths[1]:
        raise ValueError(f"lengths are the fewest and the most digits of a string, at least 1, got {lengths}")
    strings = []
    for _ in range(count):
        text = [int(rng.integers(10))]
        for _ in range(rng.integers(lengths[0], lengths[1] + 1) - 1):
            text.append(int(rng.choice(10, p=None if transitions is None else transitions[text[-1]])))
        strings.append(text)
    return strings


def digit_habits(seed: int = 12, *, concentration: float = 0.3) -> Float[np.ndarray, "10 10"]:
    """Transition probabilities with habits, as dates and prices have them: after each digit a few are common.

    Args:
        concentration: of the Dirichlet distribution of each row: small is predictable, large is uniform.
    """
    return np.random.default_rng(seed).dirichlet(np.full(10, concentration), size=10)


def _levelled(audio: Float32[np.ndarray, " samples"]) -> Float32[np.ndarray, " samples"]:
    rms = float(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))
    return (audio * (TAKE_LEVEL / max(rms, 1e-6))).astype(np.float32)


def _played(audio: Float32[np.ndarray, " samples"], speed: float) -> Float32[np.ndarray, " samples"]:
    """Played `speed` times faster, by linear interpolation: cheap, and good enough to vary a training voice."""
    if speed == 1.0:
        return audio
    at = np.arange(0.0, len(audio) - 1, speed)
    return np.interp(at, np.arange(len(audio)), audio).astype(np.float32)


def _spans(parts: list[tuple[int, np.ndarray]]) -> tuple[tuple[int, int], ...]:
    """First and last sample of each digit; an overlap is shared half and half."""
    starts = [start for start, _ in parts]
    ends = [start + len(take) for start, take in parts]
    for i in range(len(parts) - 1):
        if ends[i] > starts[i + 1]:
            ends[i] = starts[i + 1] = (ends[i] + starts[i + 1]) // 2
    return tuple(zip(starts, ends, strict=True))


def _samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)
