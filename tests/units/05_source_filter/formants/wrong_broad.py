"""Broad poles kept

Expect: broad poles were kept
"""

import numpy as np


def formants(a, sr, max_bandwidth=700.0):
    found = []
    for pole in np.roots(np.concatenate([[1.0], np.asarray(a)])):
        frequency = np.angle(pole) * sr / (2 * np.pi)
        bandwidth = -np.log(np.abs(pole)) * sr / np.pi
        if pole.imag > 1e-9:
            found.append((float(frequency), float(bandwidth)))
    return sorted(found)
