"""Both poles of a pair, with the absolute angle

Expect: absolute value of the angle
"""

import numpy as np


def formants(a, sr, max_bandwidth=700.0):
    roots = np.roots(np.concatenate([[1.0], np.asarray(a, dtype=float)]))
    out = []
    for z in roots:
        if abs(z.imag) > 0:
            F = float(abs(np.angle(z)) * sr / (2 * np.pi))
            B = float(-np.log(abs(z)) * sr / np.pi)
            if B <= max_bandwidth:
                out.append((F, B))
    return sorted(out)
