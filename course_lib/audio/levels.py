"""RMS and peak levels in dBFS."""

import numpy as np

from course_lib.audio.valid import checked_signal


def rms_dbfs(x) -> float:
    """RMS level 20 log10(sqrt(mean(x**2))) in dBFS over all samples; -inf for silence.

    Derived in unit 00_start.
    """
    return _decibel(np.sqrt(np.mean(np.square(checked_signal(x), dtype=np.float64))))


def peak_dbfs(x) -> float:
    """Peak level 20 log10(max|x|) in dBFS; 0 at full scale, -inf for silence. Derived in unit 00_start."""
    return _decibel(np.abs(checked_signal(x)).max())


def set_level(x, dbfs: float = -23.0) -> np.ndarray:
    """Scale x to an RMS level, or to a peak of 1 where that level would clip. Silence stays silence.

    Args:
        x: (samples,) or (channels, samples); channels keep their balance.
        dbfs: wanted RMS level.

    Returns:
        float32 array of the shape of x.
    """
    x = checked_signal(x)
    peak = float(np.abs(x).max())
    if peak == 0.0:
        return x
    gain = min(10 ** (dbfs / 20) / np.sqrt(np.mean(np.square(x, dtype=np.float64))), 1 / peak)
    return np.clip(x.astype(np.float64) * gain, -1.0, 1.0).astype(np.float32)


def _decibel(amplitude: float) -> float:
    return float(20 * np.log10(amplitude)) if amplitude > 0 else float("-inf")
