"""Sums of slices, in numpy"""

import numpy as np


def overlap_ripple(window, hop):
    w = np.asarray(window)
    sums = [w[r::hop].sum() for r in range(hop)]
    return (max(sums) - min(sums)) / max(sums)
