"""numpy, from the two neighbouring frequencies"""

import numpy as np


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    f = 440 * np.exp2((np.asarray(midi, dtype=np.float64) - 69) / 12)
    above = f * np.exp2(1 / bins_per_octave)
    return cw * sr / (above - f)
