"""Natural logarithm

Expect: natural logarithm
"""

import numpy as np


def rms_dbfs(x):
    return 20 * np.log(np.sqrt(np.mean(x**2, axis=-1)))
