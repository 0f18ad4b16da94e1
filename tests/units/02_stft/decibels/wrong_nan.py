"""NaN for silence

Expect: silence gives NaN
"""

import torch


def decibels(X, floor=-80.0):
    m = X.abs()
    return (20 * torch.log10(m / m.max())).clamp(min=floor)
