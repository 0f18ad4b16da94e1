"""By the Euclidean norm, in float64"""

import numpy as np


def rms_dbfs(x):
    x = x.astype(np.float64)
    return 20 * np.log10(np.linalg.norm(x, axis=-1) / np.sqrt(x.shape[-1]))
