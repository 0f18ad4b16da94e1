"""Natural logarithm

Expect: natural logarithm
"""

import torch


def decibels(X, floor=-80.0):
    level = 20 * torch.log(X.abs() / X.abs().max())
    return level.nan_to_num(nan=floor).clamp(min=floor)
