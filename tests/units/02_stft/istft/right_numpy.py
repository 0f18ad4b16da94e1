"""In numpy, float64, with the padding never stored"""

import numpy as np


def istft(X, n_fft, hop, length):
    w = np.sin(np.pi * np.arange(n_fft) / n_fft) ** 2
    X = np.asarray(X)
    out = np.zeros((*X.shape[:-2], length))
    weight = np.zeros(length)
    frames = np.fft.irfft(X, n_fft, axis=-2)
    for m in range(X.shape[-1]):
        first = m * hop - n_fft // 2
        lo, hi = max(first, 0), min(first + n_fft, length)
        if lo < hi:
            piece = slice(lo - first, hi - first)
            out[..., lo:hi] += w[piece] * frames[..., piece, m]
            weight[lo:hi] += w[piece] ** 2
    return out / weight
