"""The inverse as a power of ten

Expect: the power is one of ten
"""

import math

import torch


def fant(value, inverse=False):
    if inverse:
        return 1000 * (10 ** (value / 1000) - 1)
    return 1000 / math.log(2) * torch.log(1 + value / 1000)
