"""10·log10 of a magnitude

Expect: 10·log10 for a power
"""

import torch


def decibels(X, floor=-80.0):
    level = 10 * torch.log10(X.abs() / X.abs().max())
    return level.nan_to_num(nan=floor).clamp(min=floor)
