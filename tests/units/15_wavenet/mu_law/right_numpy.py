"""numpy, the base-2 logarithm above and below, rounding by rint."""

import numpy as np


def mu_law(x, classes=256):
    mu = classes - 1
    x = np.clip(x.numpy().astype(np.float64), -1, 1)
    y = np.sign(x) * np.log2(1 + mu * np.abs(x)) / np.log2(1 + mu)
    k = np.rint((y + 1) * mu / 2).astype(np.int64)
    place = 2 * k / mu - 1
    return k, np.sign(place) * np.expm1(np.abs(place) * np.log(1 + mu)) / mu
