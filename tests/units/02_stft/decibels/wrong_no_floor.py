"""The floor forgotten

Expect: the floor was not applied
"""

import torch


def decibels(X, floor=-80.0):
    m = X.abs()
    if m.max() == 0:
        return torch.full(X.shape, floor)
    return 20 * torch.log10(m / m.max())
