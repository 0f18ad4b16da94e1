"""From the conjugate poles"""

import numpy as np


def formants(a, sr, max_bandwidth=700.0):
    z = np.polynomial.polynomial.polyroots(np.concatenate([[1.0], np.asarray(a)])[::-1])
    z = z[z.imag < -1e-9]
    rows = [(-np.angle(p) * sr / 2 / np.pi, -2 * np.log(np.abs(p)) * sr / (2 * np.pi)) for p in z]
    return [list(row) for row in sorted(rows) if row[1] <= max_bandwidth]
