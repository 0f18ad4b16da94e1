"""Poles told by their angle: negative real ones stay

Expect: real poles below 0 were kept
"""

import numpy as np


def formants(a, sr, max_bandwidth=700.0):
    roots = np.roots(np.concatenate([[1.0], np.asarray(a, dtype=float)]))
    out = []
    for z in roots:
        if np.angle(z) > 0:
            F = float(np.angle(z) * sr / (2 * np.pi))
            B = float(-np.log(abs(z)) * sr / np.pi)
            if B <= max_bandwidth:
                out.append((F, B))
    return sorted(out)
