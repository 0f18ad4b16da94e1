"""a CQT per layer, on the grid (slow, and right)"""

import math

import torch

from course_lib import signal


def hcqt(x, sr, harmonics, f_min, n_bins, bins_per_octave, hop):
    layers = []
    for h in harmonics:
        start = f_min * 2 ** (round(bins_per_octave * math.log(h, 2)) / bins_per_octave)
        layers.append(signal.cqt(x, sr, hop=hop, f_min=start, n_bins=n_bins, bins_per_octave=bins_per_octave))
    return torch.stack(layers, dim=x.ndim - 1)
