"""20·log10 of the power

Expect: squared magnitude
"""

import torch


def decibels(X, floor=-80.0):
    level = 20 * torch.log10(X.abs().square() / X.abs().square().max())
    return level.nan_to_num(nan=floor).clamp(min=floor)
