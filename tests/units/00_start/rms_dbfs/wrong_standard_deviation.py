"""The offset removed first

Expect: constant offset counts
"""

import numpy as np


def rms_dbfs(x):
    return 20 * np.log10(np.std(x, axis=-1))
