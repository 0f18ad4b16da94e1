"""The 1 + forgotten

Expect: log of zero
"""

import math

import torch


def fant(value, inverse=False):
    if inverse:
        return 1000 * (torch.exp(value * math.log(2) / 1000) - 1)
    return 1000 / math.log(2) * torch.log(value / 1000)
