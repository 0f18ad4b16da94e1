"""Decimation in frequency, in numpy"""

import numpy as np


def fft(x):
    x = np.asarray(x).astype(complex)
    N = x.shape[-1]
    if N == 1:
        return x
    a, b = x[..., : N // 2], x[..., N // 2 :]
    out = np.empty(x.shape, dtype=complex)
    out[..., ::2] = fft(a + b)
    out[..., 1::2] = fft((a - b) * np.exp(-2j * np.pi * np.arange(N // 2) / N))
    return out
