"""the inverse DFT of the conjugate, numpy"""

import numpy as np


def spectral_kernels(kernels, threshold):
    S = np.fft.ifft(np.conj(kernels.numpy().astype(complex)), axis=-1)
    for row in S:
        row[np.abs(row) < threshold * np.abs(row).max()] = 0
    return S
