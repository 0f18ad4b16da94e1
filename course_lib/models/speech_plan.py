"""The plan of a spoken digit: what a synthesiser is told, frame by frame, before it makes a sound.

A plan holds one column per frame of 10 ms: the phone (one-hot), whether the voice is on, the level, and the pitch
twice: as a number, in quarters of an octave from `PITCH_ZERO`, and as its place between `PITCH_MARKS` two semitones
apart. A change of pitch must be as large as that of a phone, or a network finds no use for it.

Pitch and level of a recording are measured (YIN, RMS). Its phones are not known: they are those of the lexicon,
stretched over the recording in proportion to their usual durations. That is a guess, some tens of milliseconds off;
generated digits come with their exact phones.

Derived in unit 15_wavenet. Papers: H. Zen, K. Tokuda, A. Black, "Statistical parametric speech synthesis", 2009.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from course_lib.data.generate.lexicon import DIGITS
from course_lib.data.generate.phones import PHONES
from course_lib.data.views.digits import RATE, WORDS, Digit
from course_lib.signal.cross_synthesis import lpc_envelope
from course_lib.signal.f0 import yin
from course_lib.signal.mu_law import mu_law_decode, mu_law_encode
from course_lib.signal.short_time import istft, stft

HOP = 80
"""Samples per frame of a plan: 10 ms at 8 kHz."""

PHONE_NAMES = ("silence", *sorted({phone for word in DIGITS.values() for phone in word}))
PITCH_ZERO, PER_OCTAVE = 130.0, 4.0
PITCH_MARKS = 48.0 * 2 ** (np.arange(22) / 6)
"""Hz; two semitones apart, from 48 to 543."""

VOICED, PITCH, LEVEL, MARKS = (len(PHONE_NAMES) + i for i in range(4))
"""Rows of a plan after the phones; the last is the first of the marks."""

FEATURES = MARKS + len(PITCH_MARKS)
OCTAVE_ERROR = 8.0
"""Semitones from the usual pitch of a speaker beyond which a measured pitch of a short word is not believed."""

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
        return self.with_f0(self.f0 * 2 ** (semitones / 12))

    def with_f0(self, f0: np.ndarray) -> "Planned":
        """The same plan with another pitch in Hz, (frames,), 0 where the voice is off."""
        local = self.local.clone()
        local[VOICED:LEVEL], local[MARKS:] = 0.0, 0.0
        on = f0 > 0
        local[VOICED] = torch.from_numpy(on).float()
        octaves = torch.from_numpy(np.log2(f0[on] / PITCH_ZERO)).float()
        local[PITCH, on] = PER_OCTAVE * octaves
        place = 6 * (octaves + np.log2(PITCH_ZERO / PITCH_MARKS[0]))
        local[MARKS:, on] = (1 - (place - torch.arange(len(PITCH_MARKS))[:, None]).abs()).clamp(min=0)
        return replace(self, local=local)

    def played(self, semitones: float) -> "Planned":
        """The recording played faster (semitones > 0) or slower, like a record: pitch and formants move together."""
        from scipy.signal import resample_poly

        speed = Fraction(2 ** (semitones / 12)).limit_denominator(24)
        x = resample_poly(mu_law_decode(self.classes).numpy(), speed.denominator, speed.numerator)
        classes = mu_law_encode(torch.from_numpy(x))
        frames, last = -(-len(x) // HOP), self.local.shape[1] - 1
        columns = (((np.arange(frames) + 0.5) * float(speed)).astype(int)).clip(max=last)
        moved = replace(self, classes=classes, local=self.local[:, columns])
        return moved.with_f0(moved.f0 * float(speed))

    def sung(self, semitones: float) -> "Planned":
        """The recording by the same voice at another pitch: `played`, and then the formants put back.

        Each frame of the played recording is divided by its all-pole envelope and gets that of the frame of the
        original that it comes from. The word gets shorter or longer as with `played`; its RMS level stays, unless its
        peak would pass full scale; the levels of the plan are measured anew.
        """
        if semitones == 0:
            return self
        played = self.played(semitones)
        original, moved = mu_law_decode(self.classes).float(), mu_law_decode(played.classes).float()
        X, Y = stft(original, 256, 40), stft(moved, 256, 40)
        columns = (torch.arange(Y.shape[-1]) * 2 ** (semitones / 12)).round().long().clamp(max=X.shape[-1] - 1)
        gain = lpc_envelope(X, 12)[:, columns] - lpc_envelope(Y, 12)
        sung = istft(Y * torch.exp(gain.clamp(-4, 4)), 40, n_fft=256, length=len(moved))
        sung = sung * (moved.square().mean().sqrt() / sung.square().mean().sqrt().clamp_min(1e-6))
        sung = sung * min(1.0, 0.99 / max(float(sung.abs().max()), 1e-6))
        local = played.local.clone()
        local[LEVEL] = frame_levels(sung, local.shape[1]) / 20 + 1
        return replace(played, classes=mu_law_encode(sung), local=local)

    @property
    def f0(self) -> np.ndarray:
        """Pitch in Hz that the plan asks for in each frame, 0 where it asks for no voice."""
        return (self.local[VOICED] * PITCH_ZERO * 2 ** (self.local[PITCH] / PER_OCTAVE)).numpy()


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
    names = phones_of(take, level, frames)
    local[[PHONE_NAMES.index(name) for name in names], range(frames)] = 1.0
    planned = Planned(mu_law_encode(x), local, take.digit, take.speaker)
    return planned.with_f0(torch.where(voiced, f0[:frames], 0.0).numpy())


def without_octave_errors(utterances: list[Planned], usual: dict[str, float], *, at_most: float = 0.2) -> list[Planned]:
    """Plans whose pitch can be believed.

    A frame more than `OCTAVE_ERROR` semitones from the speaker's usual pitch counts as an octave error. A plan in which
    more than `at_most` of the voiced frames are such is left out; in the others these frames lose their voice.

    Args:
        usual: speaker → Hz, see `usual_pitch`.
    """
    kept = []
    for u in utterances:
        f0 = u.f0
        off = (f0 > 0) & (np.abs(12 * np.log2(f0.clip(min=1) / usual[u.speaker])) > OCTAVE_ERROR)
        if off.sum() <= at_most * (f0 > 0).sum():
            kept.append(u.with_f0(np.where(off, 0.0, f0)))
    return kept


def usual_pitch(utterances: list[Planned]) -> dict[str, float]:
    """Speaker → median pitch in Hz over all voiced frames."""
    found = {}
    for name in {u.speaker for u in utterances}:
        f0 = np.concatenate([u.f0 for u in utterances if u.speaker == name])
        found[name] = float(np.median(f0[f0 > 0])) if (f0 > 0).any() else PITCH_ZERO
    return found


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
