"""Less padding, with interpolation"""

import numpy as np


def window_shape(w):
    w = np.asarray(w, dtype=float)
    W = np.abs(np.fft.rfft(w, 64 * len(w))) / abs(w.sum())
    i = np.argmax(W < 0.5)
    half = i - 1 + (W[i - 1] - 0.5) / (W[i - 1] - W[i])
    first = np.argmax(np.diff(W) > 0)
    return 2 * half / 64, 20 * np.log10(W[first:].max())
