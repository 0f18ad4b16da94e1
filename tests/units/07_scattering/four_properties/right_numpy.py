"""numpy, circular correlation"""

import numpy as np


def four_properties(phi, shifted, warped, sizes, labels, x, y):
    phi, shifted, warped, sizes, labels, x, y = (v.numpy() for v in (phi, shifted, warped, sizes, labels, x, y))
    size = np.sqrt((phi**2).sum(1))
    d = ((phi[:, None] - phi) ** 2).sum(-1)
    nearest = [min((j for j in range(len(phi)) if j != i), key=lambda j: d[i, j]) for i in range(len(phi))]
    match = np.fft.ifft(np.fft.fft(x) * np.conj(np.fft.fft(y))).real.max()
    return {
        "discriminability": np.mean([labels[i] == labels[j] for i, j in enumerate(nearest)]),
        "stability": np.max(np.sqrt(((warped - phi) ** 2).sum(1)) / size / sizes),
        "invariance": np.mean(np.sqrt(((shifted - phi) ** 2).sum(1)) / size),
        "reconstruction": np.sqrt(max(0, (x**2).sum() + (y**2).sum() - 2 * match)) / np.sqrt((x**2).sum()),
    }
