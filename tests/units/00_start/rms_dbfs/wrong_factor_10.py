"""10·log10 of the RMS

Expect: 10·log10 is for power
"""

import numpy as np


def rms_dbfs(x):
    return 10 * np.log10(np.sqrt(np.mean(x**2, axis=-1)))
