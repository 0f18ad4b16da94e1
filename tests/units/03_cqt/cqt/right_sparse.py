"""a sparse product, one signal of the batch after the other"""

import numpy as np
import scipy.sparse


def cqt(x, spectral, hop):
    n_fft, bins = spectral.shape[-1], spectral.shape[0]
    flat = x.reshape(-1, x.shape[-1]).numpy()
    S = scipy.sparse.csr_array(spectral.numpy())
    out = []
    for y in flat:
        y = np.pad(y, n_fft // 2)
        frames = [y[m * hop : m * hop + n_fft] for m in range(x.shape[-1] // hop + 1)]
        out.append(S @ np.fft.fft(np.array(frames)).T)
    return np.array(out).reshape(*x.shape[:-1], bins, -1)
