"""Every layer the same slice

Expect: every layer is the same
"""

import math

import torch

from course_lib import signal


def hcqt(x, sr, harmonics, f_min, n_bins, bins_per_octave, hop):
    steps = [round(bins_per_octave * math.log2(h)) for h in harmonics]
    low = min(steps)
    wide = signal.cqt(x, sr, hop=hop, f_min=f_min * 2 ** (low / bins_per_octave), n_bins=max(steps) - low + n_bins, bins_per_octave=bins_per_octave)
    return torch.stack([wide[..., -low : -low + n_bins, :] if low <= 0 else wide[..., :n_bins, :] for _ in steps], -3)
