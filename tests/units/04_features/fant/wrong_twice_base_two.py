"""log2, and divided by ln 2 as well

Expect: the same thing twice
"""

import math

import torch


def fant(value, inverse=False):
    if inverse:
        return 1000 * (torch.exp(value * math.log(2) / 1000) - 1)
    return 1000 / math.log(2) * torch.log2(1 + value / 1000)
