"""The inverse without its -1

Expect: the −1 is missing
"""

import math

import torch


def fant(value, inverse=False):
    if inverse:
        return 1000 * torch.exp(value * math.log(2) / 1000)
    return 1000 / math.log(2) * torch.log(1 + value / 1000)
