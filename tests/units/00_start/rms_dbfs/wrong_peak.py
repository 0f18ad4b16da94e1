"""Peak level

Expect: peak level
"""

import numpy as np


def rms_dbfs(x):
    return 20 * np.log10(np.max(np.abs(x), axis=-1))
