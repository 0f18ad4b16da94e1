"""int() in place of round()

Expect: the steps were rounded down
"""

import math

import torch

from course_lib import signal


def hcqt(x, sr, harmonics, f_min, n_bins, bins_per_octave, hop):
    steps = [math.floor(bins_per_octave * math.log2(h)) for h in harmonics]
    low = min(steps)
    wide = signal.cqt(x, sr, hop=hop, f_min=f_min * 2 ** (low / bins_per_octave), n_bins=max(steps) - low + n_bins, bins_per_octave=bins_per_octave)
    return torch.stack([wide[..., s - low : s - low + n_bins, :] for s in steps], -3)
