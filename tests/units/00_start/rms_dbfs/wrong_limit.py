"""A limit put below

Expect: a limit put below
"""

import numpy as np


def rms_dbfs(x):
    return 20 * np.log10(np.maximum(np.sqrt(np.mean(x**2, axis=-1)), 1e-10))
