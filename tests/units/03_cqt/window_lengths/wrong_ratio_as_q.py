"""Q taken for the ratio of two neighbours

Expect: Q is 2^(1/B), the ratio
"""

import torch


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    f = 440 * 2 ** ((midi - 69) / 12)
    q = 2 ** (1 / bins_per_octave)
    return q * cw * sr / f
