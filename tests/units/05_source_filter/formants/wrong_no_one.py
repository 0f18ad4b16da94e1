"""The leading 1 missing

Expect: leading 1 of A(z) is missing
"""

import numpy as np


def formants(a, sr, max_bandwidth=700.0):
    found = []
    for pole in np.roots(np.asarray(a)):
        frequency = np.angle(pole) * sr / (2 * np.pi)
        bandwidth = -np.log(np.abs(pole)) * sr / np.pi
        if pole.imag > 1e-9 and bandwidth <= max_bandwidth:
            found.append((float(frequency), float(bandwidth)))
    return sorted(found)
