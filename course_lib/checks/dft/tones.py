"""Two tones through a window of L samples: how deep the level falls between them, for every L. (exercise 1.5)

The tones are in phase in the middle of the frame, n = L/2. So the spectrum is a sum of shifted window spectra, which
is how it is computed here; the exercise builds the signal instead.
"""

from collections.abc import Callable

import numpy as np
import scipy.signal

RATES, NAMES = (8000, 16000, 11025, 1000), ("hann", "boxcar", "blackman", "hamming")
DIP_DB = 3.0


HARD = (
    (376.0, 472.0, 1000, "hann", 60, 26), (10.0, 93.0, 1000, "hamming", 60, 28),
    (100.0, 3900.0, 8000, "boxcar", 100, 4), (6225.8, 6721.4, 16000, "hamming", 200, 71),
    (1000.0, 1040.0, 8000, "hamming", 450, 439),
)
"""Arguments and right length of pairs that tell mistakes apart: at both ends of the axis, so that the tones are
unequally strong; lengths that come and go; and a dip between 3 dB and half of the power (3.01 dB)."""


def resolving_length(dips: np.ndarray, *, dip_db: float = DIP_DB, step: int = 1, first: int = 0) -> int:
    """The first L with at least that dip, 0 if there is none; `dips[L]` for L = 0, 1, …

    Mistakes: only every `step`-th L is tried, or none below `first`.
    """
    good = np.flatnonzero(dips >= dip_db)
    good = good[(good % step == 0) & (good >= first)]
    return int(good[0]) if len(good) else 0


def downwards(dips: np.ndarray) -> int:
    """A mistake: L falls from the longest until it fails for the first time."""
    L = len(dips) - 1
    while dips[L] >= DIP_DB:
        L -= 1
    return 0 if len(dips) == L + 1 else L + 1


def bisected(dips: np.ndarray) -> int:
    """A mistake: bisection, as if every longer frame parted the tones as well."""
    low, high = 1, len(dips)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if dips[middle] >= DIP_DB else (middle + 1, high)
    return low if low < len(dips) else 0


def dips(
    low: float, high: float, sr: int, name: str, longest: int, *, periodic: bool = True,
    crest: Callable[[int], float] = lambda L: L / 2, bins: bool = False, factor: float = 20.0,
    combine: Callable = np.minimum, square: bool = False, waves: str = "cos", geometric: bool = False,
) -> np.ndarray:
    """(longest + 1,) dips in dB, −inf for L < 2; the options are mistakes.

    Args:
        periodic: of the window.
        crest: where the tones are in phase, in samples, for a frame of L.
        bins: levels at the nearest bins of the DFT of L samples.
        factor: of the logarithm.
        combine: what of the two tones' levels is compared with the middle.
        square: the window is applied twice.
        waves: "cos", or the mistakes "sin" and "exp" (e^{2πift}).
        geometric: the middle is √(low·high).
    """
    middle = np.sqrt(low * high) if geometric else (low + high) / 2
    tones = np.array([low, high, -low, -high])
    weights = {"cos": np.ones(4), "sin": np.array([1, 1, -1, -1]), "exp": np.array([1, 1, 0, 0])}[waves]

    def dip(L: int) -> float:
        w = scipy.signal.get_window(name, L, fftbins=periodic) ** (2 if square else 1)
        places = np.array([low, middle, high])
        places = np.round(places * L / sr) * sr / L if bins else places
        turns = np.exp(-2j * np.pi * np.subtract.outer(places, tones)[..., None] * (np.arange(L) - crest(L)) / sr)
        X = np.abs((turns @ w) @ weights)
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(factor * np.log10(combine(X[0], X[2]) / X[1]))

    return np.array([-np.inf, -np.inf] + [dip(L) for L in range(2, longest + 1)])


def two_tones(rng: np.random.Generator, case: int, *, enough: bool = False) -> tuple:
    """(low, high, sr, window, longest, smallest length): a pair whose dip is nowhere within 0.001 dB of the limit.

    Every fourth pair needs one sample more than `longest`, unless `enough`; another fourth lies near 0 Hz or near
    sr/2, where the mirror images leak and the tones are unequally strong.
    """
    sr, name = RATES[case % 4], NAMES[(case + case // 4) % 4]
    while True:
        longest = int(rng.integers(120, 240))
        distance = rng.uniform(2.5, 6) * sr / longest * 2
        low = float(rng.uniform(1.5 * distance, 0.4 * sr - distance))
        if case % 4 == 2:
            edge = float(rng.uniform(0.15, 0.6) * distance)
            low = edge if case % 8 == 2 else sr / 2 - edge - float(distance)
        high, bound = low + float(distance), longest
        table = dips(low, high, sr, name, longest)
        want = resolving_length(table)
        if case % 4 == 3 and not enough and want > 8:
            bound = want - 1
            table, want = table[:want], 0
        elif want == 0:
            continue
        if np.nanmin(np.abs(table - DIP_DB)) > 1e-3:
            return low, high, sr, name, bound, want
