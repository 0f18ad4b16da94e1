"""From phones to control tracks: durations, gliding formants, source amplitudes and pitch.

A track has one value per control frame of 5 ms. Targets are constant in a phone and then smoothed by a Hann window:
coarticulation as a moving average, in which a short phone does not reach its target.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_lib.data.errors import DataError
from course_lib.data.generate.allophones import in_context
from course_lib.data.generate.habits import said_by
from course_lib.data.generate.phones import PHONES, Phone
from course_lib.data.generate.voices import Voice

FRAME = 0.005  # seconds per control frame
_FORMANT_SMOOTHING = 0.1
_AMPLITUDE_SMOOTHING = 0.015
_BREATHING = 0.15  # amplitude of aspiration at which the glottis is taken as open
_FALL = 18.0  # dB by which the voice fades towards the end of a word said alone

Alignment = tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Tracks:
    """Control tracks, all with `frames` values along the last axis."""

    formants: np.ndarray    # (5, frames) hertz
    bandwidths: np.ndarray  # (5, frames) hertz
    voicing: np.ndarray     # (frames,) amplitudes relative to a vowel
    aspiration: np.ndarray
    frication: np.ndarray
    noise: np.ndarray       # (2, frames) centre and bandwidth of the frication, hertz
    f0: np.ndarray          # (frames,) hertz
    alignment: Alignment    # (phone, start, end) in seconds, without gaps


def make_tracks(phones: Sequence[str], voice: Voice, rng: np.random.Generator) -> Tracks:
    """Control tracks of a word.

    Args:
        phones: names of `PHONES`.
        voice: the speaker.
        rng: draws durations (±10 %), targets (±2 %) and the pitch contour.
    """
    unknown = [p for p in phones if p not in PHONES]
    if unknown or not phones:
        raise DataError(f"cannot speak {unknown or 'nothing'}; the phones are {', '.join(PHONES)}")
    spoken = in_context(phones, [said_by(voice, p, PHONES[p]) for p in phones])
    lengths = [_frames(phone, voice, rng, last=i == len(spoken) - 1) for i, phone in enumerate(spoken)]
    formants, damping, parts = [], [], []
    for phone, length in zip(spoken, lengths, strict=True):
        change = np.exp(0.02 * rng.standard_normal((3, 1)))
        start, end = (np.array(f, dtype=float)[:, None] for f in (phone.formants, phone.glide or phone.formants))
        position = np.clip((np.linspace(0, 1, length) - 0.25) / 0.5, 0, 1)
        formants.append(change * (start + (end - start) * position))
        damping.append(np.full(length, phone.damping))
        parts.append(_sources(phone, length))
    total = sum(lengths)
    low = voice.formant_scale * _smooth(np.concatenate(formants, axis=1), _FORMANT_SMOOTHING)
    high = voice.formant_scale * np.array([[3500.0], [4500.0]]) * np.ones(total)
    sources = np.concatenate(parts, axis=1)
    amplitudes = _smooth(sources[:3], _AMPLITUDE_SMOOTHING)
    amplitudes[0] *= 10 ** (-_FALL / 20 * np.linspace(0, 1, total) ** 2)
    bandwidths = np.array([[70.0], [90.0], [130.0], [200.0], [250.0]]) * _smooth(
        np.concatenate(damping), _AMPLITUDE_SMOOTHING
    )
    # The windpipe behind an open glottis swallows the first resonance: breath has hardly an F1.
    bandwidths[0] *= 1 + 5 * np.clip(amplitudes[1] / _BREATHING, 0, 1)
    edges = np.concatenate([[0], np.cumsum(lengths)]) * FRAME
    return Tracks(
        formants=np.concatenate([low, high]), bandwidths=bandwidths, voicing=amplitudes[0], aspiration=amplitudes[1],
        frication=amplitudes[2], noise=sources[3:], f0=_pitch(total, voice, rng),
        alignment=tuple((p, float(edges[i]), float(edges[i + 1])) for i, p in enumerate(phones)),
    )


def _frames(phone: Phone, voice: Voice, rng: np.random.Generator, *, last: bool) -> int:
    """Length of a phone in frames; the last phone of a word is lengthened."""
    seconds = phone.duration / voice.rate * np.exp(0.1 * rng.standard_normal()) * (1.2 if last else 1.0)
    return max(4, round(seconds / FRAME))


def _sources(phone: Phone, length: int) -> np.ndarray:
    """(5, length): voicing, aspiration, frication, and centre and bandwidth of the frication."""
    edges = np.round(np.cumsum([0.0] + [part.share for part in phone.parts]) * length).astype(int)
    edges[-1] = length
    rows = np.zeros((5, length))
    for part, first, stop in zip(phone.parts, edges[:-1], edges[1:], strict=True):
        rows[:, first:stop] = np.array([part.voicing, part.aspiration, part.frication, *part.noise])[:, None]
    return rows


def _smooth(track: np.ndarray, seconds: float) -> np.ndarray:
    """Hann-weighted moving average along the last axis; the ends are held."""
    half = round(seconds / FRAME / 2)
    window = np.hanning(2 * half + 3)[1:-1]
    window /= window.sum()
    padded = np.pad(np.atleast_2d(track), ((0, 0), (half, half)), mode="edge")
    smooth = np.stack([np.convolve(row, window, mode="valid") for row in padded])
    return smooth.reshape(track.shape)


def _pitch(frames: int, voice: Voice, rng: np.random.Generator) -> np.ndarray:
    """A falling contour with a slow random wander of about 2 % and a jitter of 0.5 %."""
    position = np.linspace(0, 1, frames)
    fall = 1.08 - rng.uniform(0.15, 0.3) * position
    wander = _smooth(rng.standard_normal(frames), 0.15)
    wander *= 0.02 / max(wander.std(), 1e-9)
    return voice.f0 * fall * (1 + wander + 0.005 * rng.standard_normal(frames))
