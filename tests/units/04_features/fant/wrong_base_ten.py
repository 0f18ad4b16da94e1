"""A logarithm to base 10

Expect: to base 10
"""

import math

import torch


def fant(value, inverse=False):
    if inverse:
        return 1000 * (torch.exp(value * math.log(2) / 1000) - 1)
    return 1000 / math.log(2) * torch.log10(1 + value / 1000)
