"""a list, one note after the other"""

import math


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    q = 1 / math.expm1(math.log(2) / bins_per_octave)
    return [cw * q * sr / (8.175798915643707 * 2 ** (float(m) / 12)) for m in midi]
