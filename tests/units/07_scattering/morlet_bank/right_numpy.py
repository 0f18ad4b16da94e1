"""loops in numpy"""

import numpy as np


def morlet_bank(n, centres, widths):
    f = np.arange(n) / n
    rows = []
    for c, w in zip(centres.double().numpy(), widths.double().numpy()):
        band = sum(np.exp(-0.5 * ((f - c - k) / w) ** 2) for k in range(-3, 4))
        low = sum(np.exp(-0.5 * ((f - k) / w) ** 2) for k in range(-3, 4))
        rows.append(band - low * band[0] / low[0])
    return np.array(rows)
