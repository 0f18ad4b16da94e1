"""The next bin minus this one, in the precision of the input"""

import torch


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    f = 440 * torch.exp2((midi - 69) / 12)
    next_f = f * 2 ** (1 / bins_per_octave)
    return cw * sr / (next_f - f)
