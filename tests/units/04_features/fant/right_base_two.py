"""base 2 in numpy"""

import numpy as np


def fant(value, inverse=False):
    value = np.asarray(value)
    if inverse:
        return 1000 * (2 ** (value / 1000) - 1)
    return 1000 * np.log2(1 + value / 1000)
