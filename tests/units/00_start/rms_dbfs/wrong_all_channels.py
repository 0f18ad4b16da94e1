"""One level for all channels

Expect: all channels were averaged
"""

import numpy as np


def rms_dbfs(x):
    return 20 * np.log10(np.sqrt(np.mean(x**2)))
