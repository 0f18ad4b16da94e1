"""a loop over bins, numpy, cos² for the window"""

import numpy as np


def kernel_bank(frequencies, lengths, sr, n_fft):
    n = np.arange(-(n_fft // 2), n_fft // 2)
    rows = []
    for f, length in zip(frequencies.numpy(), lengths.numpy()):
        w = np.where(np.abs(n) < length / 2, np.cos(np.pi * n / length) ** 2, 0)
        rows.append(w / w.sum() * np.exp(2j * np.pi * f / sr * n))
    return np.array(rows)
