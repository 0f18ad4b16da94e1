"""Checks of unit 00_start: the level of a signal in dBFS.

Convention: 0 dBFS is an RMS of 1, a full-scale square wave; a full-scale sine is at -3.01 dBFS. (AES17 counts a
full-scale sine as 0 dBFS: every level there is 3.01 dB higher.)
"""

import math
from functools import partial

import numpy as np

from course_lib.checks.core import expect, expect_close, passed, subject, visible_rng
from course_lib.checks.core.values import as_array

AES17_OFFSET_DB = 10 * math.log10(2)


def rms_dbfs(answer, *, rng=None, cases: int = 20) -> None:
    """The RMS level in dBFS along the last axis; silence is -inf. (exercise 0.1)"""
    f, rng = subject(answer), visible_rng(rng)
    _known_levels(f)
    for case in range(cases):
        batch = [(), (1,), (2,), (3, 2)][case % 4]
        samples = int(rng.integers(1, 2000))
        level = 10 ** rng.uniform(-7, 0.3)
        offset = rng.choice([0.0, 0.5]) * level
        x = (level * rng.standard_normal((*batch, samples)) + offset).astype(rng.choice([np.float32, np.float64]))
        if case % 5 == 4:
            x = np.repeat(x, 2, axis=-1)[..., ::2]
        expect_close(
            f.call(x), _level(x), "the level in dBFS", rtol=0, atol=2e-3, mistakes=partial(_mistakes, x),
            context=f"for noise of shape {x.shape} and RMS {level:.3g}",
        )
    _silence(f)
    passed("rms_dbfs", f"sine, square wave, {cases} random signals down to -140 dBFS, silence")


def _known_levels(f) -> None:
    n = np.arange(1000)
    sine = np.sin(2 * np.pi * 5 * n / 1000)
    square = np.where(n % 100 < 50, 1.0, -1.0)
    for x, what in ((square, "a full-scale square wave"), (sine, "a full-scale sine"), (sine / 2, "half that sine")):
        expect_close(
            f.call(x.astype(np.float32)), _level(x), "the level in dBFS", rtol=0, atol=1e-3,
            mistakes=partial(_mistakes, x), context=f"for {what}",
        )


def _silence(f) -> None:
    got = as_array(f.call(np.zeros((2, 100), np.float32)), "the level of silence")
    expect(got.shape == (2,), f"two silent channels should give two levels, shape (2,), got shape {got.shape}.")
    expect(not np.isnan(got).any(), "the level of silence is NaN: 0/0 or inf - inf? The card asks for -inf.")
    expect(
        np.all(got == -np.inf),
        f"the level of silence should be -inf (the logarithm of zero), got {got[0]:.6g}: "
        "was a limit put below, or a small number added before the logarithm? The latter bends every quiet level.",
    )


def _level(x: np.ndarray) -> np.ndarray:
    """The definition in float64, one channel at a time, by the norm."""
    x = np.asarray(x, np.float64)
    norms = [np.linalg.norm(channel) / math.sqrt(x.shape[-1]) for channel in x.reshape(-1, x.shape[-1])]
    return (20 * np.log10(norms)).reshape(x.shape[:-1])


def _mistakes(x: np.ndarray) -> dict:
    x = np.asarray(x, np.float64)
    level = _level(x)
    over_channels = np.sqrt(np.mean(x**2, axis=0))
    with np.errstate(all="ignore"):
        return {
            "the factor is 10 where an amplitude needs 20: 10·log10 is for power, 20·log10 for amplitude.": level / 2,
            "the square root is missing: 20·log10 of the mean square counts every decibel twice.": 2 * level,
            "it is the natural logarithm: np.log is ln, decibels need np.log10.": level * math.log(10),
            "it is the peak level: the largest absolute value instead of the RMS.":
                20 * np.log10(np.abs(x).max(-1)),
            "it is the mean absolute value instead of the RMS: square, average, then take the root.":
                20 * np.log10(np.abs(x).mean(-1)),
            "the mean was removed first (a standard deviation): a constant offset counts in the RMS.":
                20 * np.log10(x.std(-1)),
            "it is a sum over the samples instead of a mean: a longer sound is not louder.":
                level + 10 * math.log10(x.shape[-1]),
            "all channels were averaged together: the mean goes along the last axis only.":
                np.full(level.shape, 20 * np.log10(np.sqrt(np.mean(x**2)))),
            "all channels were averaged together: one level per channel was asked, the mean goes along axis -1.":
                20 * np.log10(np.sqrt(np.mean(x**2))),
            "it is 3.01 dB too high: that is the AES17 convention, where a full-scale sine is at 0 dBFS. "
            "Here an RMS of 1 is.": level + AES17_OFFSET_DB,
            "the mean went over the channels instead of over time: time is the last axis, axis=-1.":
                20 * np.log10(over_channels),
            "the sign is flipped: a level below full scale is negative.": -level,
        }
