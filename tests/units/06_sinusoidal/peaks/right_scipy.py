"""Maxima by scipy"""

import numpy as np
from scipy.signal import find_peaks


def peaks(amplitude, sr, floor_db=-80.0):
    level = 20 * np.log10(np.maximum(amplitude.double().numpy(), 1e-12))
    k, _ = find_peaks(level)
    left, middle, right = level[k - 1], level[k], level[k + 1]
    slope, curve = (right - left) / 2, (left + right) / 2 - middle
    height = middle - slope**2 / (4 * curve)
    frequency = (k - slope / (2 * curve)) * sr / 2 / (len(level) - 1)
    return frequency[height > floor_db], 10 ** (height[height > floor_db] / 20)
