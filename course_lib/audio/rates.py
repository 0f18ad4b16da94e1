"""Changing the sampling rate."""

import numpy as np

from course_lib.audio.valid import checked_rate, checked_signal


def resample(x, sr_in: int, sr_out: int) -> np.ndarray:
    """Change the sampling rate with a band-limited filter (soxr, high quality).

    Args:
        x: (samples,) or (channels, samples).
        sr_in: sampling rate of x in hertz.
        sr_out: sampling rate of the result in hertz.

    Returns:
        float32, the last axis about samples * sr_out / sr_in long.
    """
    import soxr

    x = checked_signal(x)
    sr_in, sr_out = checked_rate(sr_in), checked_rate(sr_out)
    if sr_in == sr_out:
        return x
    return np.ascontiguousarray(soxr.resample(x.T, sr_in, sr_out, quality="HQ").T)
