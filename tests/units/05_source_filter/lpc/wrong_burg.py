"""Burg's method of librosa

Expect: Burg
"""

import librosa
import numpy as np


def lpc(x, order):
    x = np.asarray(x, np.float64)
    a, errors = np.zeros((*x.shape[:-1], order)), np.zeros((*x.shape[:-1], order + 1))
    for row in np.ndindex(x.shape[:-1]):
        a[row] = librosa.lpc(x[row], order=order)[1:]
    return a, errors
