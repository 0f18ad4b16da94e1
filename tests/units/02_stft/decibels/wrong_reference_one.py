"""No reference

Expect: 0 dB is a magnitude of 1
"""

import torch


def decibels(X, floor=-80.0):
    level = 20 * torch.log10(X.abs())
    return level.nan_to_num(nan=floor).clamp(min=floor)
