"""loops over frames and samples, in numpy"""

import numpy as np


def zero_crossing_rate(x, length=1024, hop=256):
    x = np.asarray(x)
    flat = x.reshape(-1, x.shape[-1])
    rates = []
    for row in flat:
        rates.append([])
        for start in range(0, len(row) - length + 1, hop):
            count = 0
            for n in range(start + 1, start + length):
                count += (row[n] >= 0) != (row[n - 1] >= 0)
            rates[-1].append(count / (length - 1))
    return np.array(rates).reshape(*x.shape[:-1], -1)
