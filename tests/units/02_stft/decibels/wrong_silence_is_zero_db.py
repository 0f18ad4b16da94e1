"""NaN replaced by 0

Expect: NaN (0/0) was replaced by 0
"""

import torch


def decibels(X, floor=-80.0):
    m = X.abs()
    return (20 * torch.log10(m / m.max())).clamp(min=floor).nan_to_num()
