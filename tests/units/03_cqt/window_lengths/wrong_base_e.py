"""exp in place of a power of two

Expect: the power is base e
"""

import torch


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    f = 440 * torch.exp((midi - 69) / 12)
    q = 1 / (2 ** (1 / bins_per_octave) - 1)
    return q * cw * sr / f
