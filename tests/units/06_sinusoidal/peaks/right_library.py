"""By the parabola of the library"""

import torch

from course_lib import signal


def peaks(amplitude, sr, floor_db=-80.0):
    level = 20 * torch.log10(amplitude.clamp(min=1e-12))
    offset, height = signal.parabolic_peak(level[:-2], level[1:-1], level[2:])
    is_peak = (level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:]) & (height > floor_db)
    at = torch.arange(1, len(level) - 1) + offset
    return at[is_peak] * sr / (2 * (len(level) - 1)), 10 ** (height[is_peak] / 20)
