"""Mean absolute value

Expect: mean absolute value
"""

import numpy as np


def rms_dbfs(x):
    return 20 * np.log10(np.mean(np.abs(x), axis=-1))
