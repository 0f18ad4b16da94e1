"""A small number before the logarithm

Expect: should be -inf
"""

import numpy as np


def rms_dbfs(x):
    return 20 * np.log10(np.sqrt(np.mean(x**2, axis=-1)) + 1e-15)
