"""10·log10 of the power, limited before the logarithm"""

import torch


def decibels(X, floor=-80.0):
    power = X.abs().double().square()
    if power.max() == 0:
        return torch.full(X.shape, floor)
    return 10 * torch.log10((power / power.max()).clamp(min=10 ** (floor / 10)))
