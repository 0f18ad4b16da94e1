"""In numpy, by a Hermitian transform and a slice of zeros"""

import numpy as np


def cepstral_envelope(x, cutoff, n_fft):
    log = np.log(np.maximum(np.abs(np.fft.fft(np.asarray(x, np.float64), n_fft)), 1e-10))
    c = np.fft.ifft(log).real
    c[..., cutoff : n_fft - cutoff + 1] = 0
    return np.fft.fft(c).real[..., : n_fft // 2 + 1]
