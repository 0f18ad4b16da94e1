"""numpy.fft"""

import numpy as np


def dft(x, inverse=False):
    return np.fft.ifft(x) if inverse else np.fft.fft(x)
