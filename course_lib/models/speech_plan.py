"""The plan of a spoken digit: what a synthesiser is told, frame by frame, before it makes a sound.

A plan holds one column per frame of 10 ms: the phone (one-hot), whether the voice is on, its pitch in octaves from
`PITCH_ZERO`, and the level. Pitch and level of a recording are measured (YIN, RMS). Its phones are not known: they are
those of the lexicon, stretched over the recording in proportion to their usual durations. That is a guess, some tens of
milliseconds off; generated digits come with their exact phones.

Derived in unit 15_wavenet. Papers: H. Zen, K. Tokuda, A. Black, "Statistical parametric speech synthesis", 2009.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from course_lib.data.generate.lexicon import DIGITS
from course_lib.data.generate.phones import PHONES
from course_lib.data.views.digits import RATE, WORDS, Digit
from course_lib.signal.f0 import yin
from course_lib.signal.mu_law import mu_law_encode

HOP = 80
"""Samples per frame of a plan: 10 ms at 8 kHz."""

PHONE_NAMES = ("silence", *sorted({phone for word in DIGITS.values() for phone in word}))
PITCH_ZERO = 130.0
VOICED, PITCH, LEVEL = (len(PHONE_NAMES) + i for i in range(3))
"""Rows of a plan after the phones."""

FEATURES = len(PHONE_NAMES) + 3
PEAK = 0.8


@dataclass(frozen=True)
class Planned:
    """A recording with its plan: classes int64 (samples,), local float32 (FEATURES, frames), digit and speaker."""

    classes: Tensor = field(repr=False)
    local: Tensor = field(repr=False)
    digit: int
    speaker: str

    def shifted(self, semitones: float) -> "Planned":
        """The same plan at another pitch."""
        local = self.local.clone()
        local[PITCH] += local[VOICED] * semitones / 12
        return replace(self, local=local)

    @property
    def f0(self) -> np.ndarray:
        """Pitch in Hz that the plan asks for in each frame, 0 where it asks for no voice."""
        return (self.local[VOICED] * PITCH_ZERO * 2 ** self.local[PITCH]).numpy()


def plan(take: Digit, *, longest: int = RATE) -> Planned:
    """Recording to classes and plan; peak at 0.8, cut after `longest` samples.

    Raises:
        ValueError: silence.
    """
    x = take.audio()[:longest]
    peak = float(np.abs(x).max(initial=0.0))
    if peak == 0:
        raise ValueError(f"there is no sound in take {take.take} of {take.word!r} by {take.speaker}")
    x = torch.from_numpy(np.asarray(x * (PEAK / peak), np.float32))
    frames = -(-len(x) // HOP)
    local = torch.zeros(FEATURES, frames)
    level = frame_levels(x, frames)
    local[LEVEL] = level / 20 + 1
    f0, aperiodicity = yin(x, RATE, f_min=60.0, f_max=400.0, hop=HOP)
    voiced = (aperiodicity[:frames] < 0.2) & (level > -32)
    local[VOICED] = voiced.float()
    local[PITCH] = torch.where(voiced, torch.log2(f0[:frames].clamp(min=1) / PITCH_ZERO), 0.0)
    names = phones_of(take, level, frames)
    local[[PHONE_NAMES.index(name) for name in names], range(frames)] = 1.0
    return Planned(mu_law_encode(x), local, take.digit, take.speaker)


def frame_levels(x: Tensor, frames: int) -> Tensor:
    """RMS level of each frame in dB re full scale, at least -60."""
    padded = torch.nn.functional.pad(x, (0, frames * HOP - len(x)))
    return 10 * torch.log10(padded.view(frames, HOP).square().mean(1).clamp(min=1e-6))


def phones_of(take: Digit, level: Tensor, frames: int) -> list[str]:
    """Phone of each frame: exact for a generated digit, else the lexicon's, stretched over what is not silent."""
    if take.phones:
        middles = (np.arange(frames) + 0.5) * HOP / RATE
        return [next((p for p, start, end in take.phones if start <= t < end), "silence") for t in middles]
    sounding = torch.nonzero(level > level.max() - 35).flatten()
    first, last = int(sounding[0]), int(sounding[-1]) + 1
    return ["silence"] * first + stretched(DIGITS[WORDS[take.digit]], last - first) + ["silence"] * (frames - last)


def stretched(phones: tuple[str, ...], frames: int) -> list[str]:
    """Phones over a number of frames, in proportion to their usual durations."""
    ends = np.cumsum([PHONES[phone].duration for phone in phones])
    at = (np.arange(frames) + 0.5) / max(frames, 1) * ends[-1]
    return [phones[int(i)] for i in np.searchsorted(ends, at, side="right").clip(max=len(phones) - 1)]


def one_hot_world(digits: list[int], speakers: list[str], known: tuple[str, ...]) -> Tensor:
    """Global condition (batch, 10 + speakers): one-hot digit, one-hot speaker."""
    world = torch.zeros(len(digits), 10 + len(known))
    for row, digit, speaker in zip(world, digits, speakers, strict=True):
        row[digit] = row[10 + known.index(speaker)] = 1.0
    return world


def crops(
    utterances: list[Planned], known: tuple[str, ...], rng: np.random.Generator, *, batch: int, samples: int,
) -> dict[str, Tensor]:
    """A training batch of random crops, half of them from the first sample on.

    Returns:
        "classes" (batch, samples), "mask" (batch, samples; 0 beyond the end of a recording), "world" and "local".
    """
    rows = [utterances[i] for i in rng.integers(len(utterances), size=batch)]
    starts = [HOP * int(rng.integers(0, max(0, len(u.classes) - samples) // HOP + 1)) * int(rng.integers(2))
              for u in rows]
    return collate([replace(u, classes=u.classes[s:], local=u.local[:, s // HOP:])
                    for u, s in zip(rows, starts, strict=True)], known, samples=samples)


def collate(utterances: list[Planned], known: tuple[str, ...], *, samples: int | None = None) -> dict[str, Tensor]:
    """Utterances padded (or cut) to one length; see `crops`."""
    samples = samples or max(len(u.classes) for u in utterances)
    frames = -(-samples // HOP)
    classes = torch.full((len(utterances), samples), 128)
    mask, local = torch.zeros(len(utterances), samples), torch.zeros(len(utterances), FEATURES, frames)
    local[:, 0] = 1.0                                                  # silence
    for i, u in enumerate(utterances):
        n, m = min(samples, len(u.classes)), min(frames, u.local.shape[1])
        classes[i, :n], mask[i, :n], local[i, :, :m] = u.classes[:n], 1.0, u.local[:, :m]
    world = one_hot_world([u.digit for u in utterances], [u.speaker for u in utterances], known)
    return {"classes": classes, "mask": mask, "world": world, "local": local}
