"""numpy and scipy, amplitudes without decibels"""

import numpy as np
from scipy.signal import get_window


def smallest_length(low, high, sr, name, longest=4096):
    for L in range(2, longest + 1):
        t = (np.arange(L) - L / 2) / sr
        frame = (np.cos(2 * np.pi * low * t) + np.cos(2 * np.pi * high * t)) * get_window(name, L)
        one, middle, other = (abs(frame @ np.exp(-2j * np.pi * f * t)) for f in (low, (low + high) / 2, high))
        if min(one, other) >= 10 ** (3 / 20) * middle:
            return np.int64(L)
    return 0
