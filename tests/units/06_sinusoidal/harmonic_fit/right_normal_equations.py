"""The normal equations, in numpy"""

import numpy as np


def harmonic_fit(x, f0, sr, harmonics):
    x = np.asarray(x, dtype=np.float64)
    gains = np.zeros(harmonics, dtype=complex)
    h = np.array([h for h in range(1, harmonics + 1) if 0 < h * f0 < sr / 2])
    if len(h) == 0:
        return gains, x
    angle = 2 * np.pi * f0 / sr * np.outer(np.arange(len(x)) - len(x) // 2, h)
    basis = np.hstack([np.cos(angle), np.sin(angle)])
    a = np.linalg.solve(basis.T @ basis, basis.T @ x)
    gains[: len(h)] = a[: len(h)] - 1j * a[len(h) :]
    return gains, x - basis @ a
