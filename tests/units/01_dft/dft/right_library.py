"""numpy.fft"""

import numpy as np


def dft(x, inverse=False):
    x = np.asarray(x, dtype=complex)
    return np.fft.ifft(x) if inverse else np.fft.fft(x)
