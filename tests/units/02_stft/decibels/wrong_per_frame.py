"""Maximum of each frame

Expect: the largest value of each frame
"""

import torch


def decibels(X, floor=-80.0):
    level = 20 * torch.log10(X.abs() / X.abs().amax(0))
    return level.nan_to_num(nan=floor).clamp(min=floor)
