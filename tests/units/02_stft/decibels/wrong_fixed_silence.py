"""-80 dB for silence, whatever the floor

Expect: it is -80 dB whatever the floor
"""

import torch


def decibels(X, floor=-80.0):
    m = X.abs()
    return (20 * torch.log10(m / m.max())).nan_to_num(nan=-80.0).clamp(min=floor)
