"""Two tones through a window of L samples: how deep the level falls between them, for every L. (exercise 1.5)

The tones are in phase in the middle of the frame, n = L/2. So the spectrum is a sum of shifted window spectra, which
is how it is computed here; the exercise builds the signal instead.
"""

import numpy as np
import scipy.signal

RATES, NAMES = (8000, 16000, 11025, 1000), ("hann", "boxcar", "blackman", "hamming")
DIP_DB = 3.0


def resolving_length(dips: np.ndarray, *, dip_db: float = DIP_DB) -> int:
    """The first L with at least that dip, 0 if there is none; `dips[L]` for L = 0, 1, …"""
    good = np.flatnonzero(dips >= dip_db)
    return int(good[0]) if len(good) else 0


def dips(
    low: float, high: float, sr: int, name: str, longest: int, *, periodic: bool = True, start: bool = False,
    bins: bool = False, factor: float = 20.0, combine=np.minimum, square: bool = False,
) -> np.ndarray:
    """(longest + 1,) dips in dB, −inf for L < 2; the options are mistakes.

    Args:
        periodic: of the window.
        start: the tones are in phase at n = 0.
        bins: levels at the nearest bins of the DFT of L samples.
        factor: of the logarithm.
        combine: which of the two tones is compared with the middle.
        square: the window is applied twice.
    """
    return np.array([-np.inf, -np.inf] + [
        _dip(low, high, sr, scipy.signal.get_window(name, L, fftbins=periodic) ** (2 if square else 1), start=start,
             bins=bins, factor=factor, combine=combine)
        for L in range(2, longest + 1)
    ])


def _dip(low: float, high: float, sr: int, w: np.ndarray, *, start: bool, bins: bool, factor: float, combine) -> float:
    t = (np.arange(len(w)) - (0 if start else len(w) / 2)) / sr
    places = np.array([low, (low + high) / 2, high])
    if bins:
        places = np.round(places * len(w) / sr) * sr / len(w)
    offsets = np.subtract.outer(places, [low, high, -low, -high])
    X = 0.5 * np.abs((np.exp(-2j * np.pi * offsets[..., None] * t) @ w).sum(-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(factor * np.log10(combine(X[0], X[2]) / X[1]))


def two_tones(rng: np.random.Generator, case: int, *, enough: bool = False) -> tuple:
    """(low, high, sr, window, longest, smallest length): a pair whose dip is nowhere within 0.001 dB of the limit.

    Every fourth pair needs one sample more than `longest`, unless `enough`.
    """
    sr, name = RATES[case % 4], NAMES[(case + case // 4) % 4]
    while True:
        longest = int(rng.integers(250, 400))
        distance = rng.uniform(2.5, 6) * sr / longest * 2
        low = float(rng.uniform(1.5 * distance, 0.4 * sr - distance))
        high, bound = low + float(distance), longest
        table = dips(low, high, sr, name, longest)
        want = resolving_length(table)
        if case % 4 == 3 and not enough and want > 40:
            bound = want - 1
            table, want = table[:want], 0
        elif want == 0:
            continue
        if np.nanmin(np.abs(table - DIP_DB)) > 1e-3:
            return low, high, sr, name, bound, want
