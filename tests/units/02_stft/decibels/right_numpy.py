"""In numpy, by natural logarithms"""

import numpy as np


def decibels(X, floor=-80.0):
    m = np.abs(np.asarray(X))
    out = np.full(m.shape, floor)
    audible = m > 10 ** (floor / 20) * m.max()
    out[audible] = 20 / np.log(10) * (np.log(m[audible]) - np.log(m.max()))
    return out
