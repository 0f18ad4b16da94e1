"""an index into the wide CQT"""

import torch

from course_lib import signal


def hcqt(x, sr, harmonics, f_min, n_bins, bins_per_octave, hop):
    steps = torch.round(bins_per_octave * torch.log2(torch.tensor(harmonics, dtype=torch.float64))).long()
    low = int(steps.min())
    n = int(steps.max()) - low + n_bins
    wide = signal.cqt(x, sr, hop=hop, f_min=f_min * 2 ** (low / bins_per_octave), n_bins=n, bins_per_octave=bins_per_octave)
    return wide[..., (steps - low)[:, None] + torch.arange(n_bins), :]
