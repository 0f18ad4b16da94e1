"""Sum instead of mean

Expect: sum over the samples
"""

import numpy as np


def rms_dbfs(x):
    return 10 * np.log10(np.sum(x**2, axis=-1))
