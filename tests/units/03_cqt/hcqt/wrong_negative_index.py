"""The wide CQT begins at f_min; a layer below counts from the end

Expect: negative index
"""

import numpy as np
import torch

from course_lib import signal


def hcqt(x, sr, harmonics, f_min, n_bins, bins_per_octave, hop):
    steps = [round(bins_per_octave * float(np.log2(h))) for h in harmonics]
    lo, hi = 0, max(steps)
    wide = signal.cqt(x, sr, hop=hop, f_min=f_min * 2 ** (lo / bins_per_octave), n_bins=hi - lo + n_bins, bins_per_octave=bins_per_octave)
    return torch.stack([wide[..., s - lo : s - lo + n_bins, :] for s in steps], -3)
