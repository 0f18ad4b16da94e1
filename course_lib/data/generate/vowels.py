"""A steady vowel with formants that are known exactly: the ground truth of unit 05_source_filter.

The source and the resonators are those of `generate.speech`, with constant targets and without the random spread of a
natural take.
"""

from collections.abc import Sequence

import numpy as np

from course_lib import audio
from course_lib.data.errors import DataError
from course_lib.data.generate.formant import _RATE, _cascade, _fade, _glottis
from course_lib.data.generate.tracks import FRAME, Tracks
from course_lib.data.generate.voices import Voice

HIGHER = (500.0, 1500.0, 2500.0, 3500.0, 4500.0)
"""Resonances of a uniform tube of 17.5 cm: what stands in for formants that are not given."""
BANDWIDTHS = (70.0, 90.0, 130.0, 200.0, 250.0)


def vowel(
    formants: Sequence[float], *, f0: float | Sequence[float] = 120.0, bandwidths: Sequence[float] | None = None,
    seconds: float = 0.5, breathiness: float = 0.0, open_quotient: float = 0.6, seed: int = 0, sr: int = 16000,
) -> np.ndarray:
    """A sustained vowel: glottal pulses through five resonators.

    Args:
        formants: up to five resonances in hertz, rising, below 7680; missing ones are those of a uniform tube,
            or 500 Hz above the one before where that is higher.
        f0: fundamental frequency in hertz, or a contour of it, spread evenly over the duration.
        bandwidths: in hertz, as many as formants; 70, 90, 130, 200, 250 by default.
        seconds: at least 0.05.
        breathiness: share of noise in the source, 0 ... 1.
        open_quotient: share of a period in which the glottis is open.
        seed: draws the breath.
        sr: sampling rate of the result in hertz.

    Returns:
        float32 (samples,) with a peak of 0.7. Edges are faded.

    Raises:
        DataError: formants out of order or range, bandwidths that do not fit, a pitch or a duration out of range.

    Explained in unit 05_source_filter.
    """
    given, contour = np.asarray(formants, float), np.atleast_1d(np.asarray(f0, float))
    widths = np.asarray(BANDWIDTHS[: len(given)] if bandwidths is None else bandwidths, float)
    _expect_possible(given, widths, contour, seconds)
    frequency = list(given)
    for usual in HIGHER[len(given) :]:
        frequency.append(max(usual, frequency[-1] + 500.0))
    frequency = np.array(frequency)
    bandwidth = np.concatenate([widths, BANDWIDTHS[len(given) :]])
    frames = round(seconds / FRAME)
    constant, nothing = np.ones(frames), np.zeros(frames)
    position = np.linspace(0, len(contour) - 1, frames)
    tracks = Tracks(
        formants=frequency[:, None] * constant, bandwidths=bandwidth[:, None] * constant, voicing=constant,
        aspiration=nothing, frication=nothing, noise=np.zeros((2, frames)),
        f0=np.interp(position, np.arange(len(contour)), contour), alignment=(),
    )
    samples = frames * round(FRAME * _RATE)
    voice = Voice(float(contour[0]), 1.0, 1.0, breathiness, open_quotient)
    source = _glottis(tracks, voice, np.random.default_rng(seed), samples)
    x = _cascade(source, tracks) * _fade(samples)
    x = audio.resample(x / np.abs(x).max(), _RATE, sr)
    return (x * (0.7 / np.abs(x).max())).astype(np.float32)


def _expect_possible(formants: np.ndarray, bandwidths: np.ndarray, f0: np.ndarray, seconds: float) -> None:
    if not 1 <= len(formants) <= 5 or (formants <= 0).any() or (formants >= 0.48 * _RATE).any():
        raise DataError(f"a vowel has one to five formants between 0 and {0.48 * _RATE:g} Hz, got {formants.tolist()}")
    if (np.diff(formants) <= 0).any():
        raise DataError(f"formants must rise, got {formants.tolist()}")
    if len(bandwidths) != len(formants) or (bandwidths <= 0).any():
        raise DataError(f"need a positive bandwidth for each of {len(formants)} formants, got {bandwidths.tolist()}")
    if (f0 < 20).any() or (f0 > 2000).any():
        raise DataError(f"f0 must lie between 20 and 2000 Hz, got {f0.min():g} to {f0.max():g}")
    if not 0.05 <= seconds <= 60:
        raise DataError(f"seconds must lie between 0.05 and 60, got {seconds:g}")
