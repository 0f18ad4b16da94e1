"""The wide CQT begins at f_min times the lowest harmonic

Expect: begins at f_min times the lowest harmonic
"""

import numpy as np
import torch

from course_lib import signal


def hcqt(x, sr, harmonics, f_min, n_bins, bins_per_octave, hop):
    steps = [round(bins_per_octave * float(np.log2(h))) for h in harmonics]
    lo, hi = min(steps), max(steps)
    wide = signal.cqt(x, sr, hop=hop, f_min=f_min * min(harmonics), n_bins=hi - lo + n_bins, bins_per_octave=bins_per_octave)
    return torch.stack([wide[..., s - lo : s - lo + n_bins, :] for s in steps], -3)
