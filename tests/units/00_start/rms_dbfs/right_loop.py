"""Channel by channel, with silence as a case of its own"""

import math

import numpy as np


def rms_dbfs(x):
    levels = []
    for channel in x.reshape(-1, x.shape[-1]):
        power = sum(float(v) ** 2 for v in channel) / len(channel)
        levels.append(10 * math.log10(power) if power > 0 else -math.inf)
    return np.array(levels).reshape(x.shape[:-1])
