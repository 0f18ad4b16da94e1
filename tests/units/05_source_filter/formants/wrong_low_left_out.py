"""Resonances below 200 Hz left out

Expect: low resonances were left out
"""

import numpy as np


def formants(a, sr, max_bandwidth=700.0):
    roots = np.roots(np.concatenate([[1.0], np.asarray(a, dtype=float)]))
    out = []
    for z in roots:
        if z.imag > 0:
            F = float(np.angle(z) * sr / (2 * np.pi))
            B = float(-np.log(abs(z)) * sr / np.pi)
            if B <= max_bandwidth and F > 200:
                out.append((F, B))
    return sorted(out)
