"""Bin by bin with numpy's polyfit, in natural logarithms"""

import numpy as np


def peaks(amplitude, sr, floor_db=-80.0):
    level = np.log(np.maximum(np.asarray(amplitude, np.float64), 1e-12))
    frequencies, amplitudes = [], []
    for k in range(1, len(level) - 1):
        if level[k] > level[k - 1] and level[k] >= level[k + 1]:
            a, b, c = np.polyfit([-1, 0, 1], level[k - 1 : k + 2], 2)
            height = c - b**2 / (4 * a)
            if 20 * height / np.log(10) > floor_db:
                frequencies.append((k - b / (2 * a)) * sr / 2 / (len(level) - 1))
                amplitudes.append(np.exp(height))
    return frequencies, amplitudes
