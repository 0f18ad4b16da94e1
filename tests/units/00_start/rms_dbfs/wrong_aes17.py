"""AES17: a full-scale sine is 0 dBFS

Expect: AES17
"""

import numpy as np


def rms_dbfs(x):
    return 20 * np.log10(np.sqrt(2 * np.mean(x**2, axis=-1)))
