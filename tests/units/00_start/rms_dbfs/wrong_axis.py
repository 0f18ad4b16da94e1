"""Mean over the channels

Expect: over the channels instead of over time
"""

import numpy as np


def rms_dbfs(x):
    return 20 * np.log10(np.sqrt(np.mean(x**2, axis=0 if x.ndim > 1 else -1)))
