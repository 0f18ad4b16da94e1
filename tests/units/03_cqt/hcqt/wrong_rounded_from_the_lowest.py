"""Steps rounded relative to the lowest harmonic

Expect: which lies between two bins
"""

import numpy as np
import torch

from course_lib import signal


def hcqt(x, sr, harmonics, f_min, n_bins, bins_per_octave, hop):
    low = min(harmonics)
    steps = [round(bins_per_octave * float(np.log2(h / low))) for h in harmonics]
    wide = signal.cqt(x, sr, hop=hop, f_min=f_min * low, n_bins=max(steps) + n_bins, bins_per_octave=bins_per_octave)
    return torch.stack([wide[..., s : s + n_bins, :] for s in steps], -3)
