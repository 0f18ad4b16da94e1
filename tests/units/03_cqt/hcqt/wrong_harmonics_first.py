"""Harmonics as the first axis

Expect: the axes are in another order
"""

import math

import torch

from course_lib import signal


def hcqt(x, sr, harmonics, f_min, n_bins, bins_per_octave, hop):
    steps = [round(bins_per_octave * math.log2(h)) for h in harmonics]
    low = min(steps)
    start, n = f_min * 2 ** (low / bins_per_octave), max(steps) - low + n_bins
    wide = signal.cqt(x, sr, hop=hop, f_min=start, n_bins=n, bins_per_octave=bins_per_octave)
    return torch.stack([wide[..., s - low : s - low + n_bins, :] for s in steps])
