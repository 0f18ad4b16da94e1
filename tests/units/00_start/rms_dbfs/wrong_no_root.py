"""The square root forgotten

Expect: the square root is missing
"""

import numpy as np


def rms_dbfs(x):
    return 20 * np.log10(np.mean(x**2, axis=-1))
