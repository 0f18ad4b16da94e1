"""A corner of 700 Hz

Expect: the corner is 700 Hz
"""

import math

import torch


def fant(value, inverse=False):
    if inverse:
        return 1000 * (torch.exp(value * math.log(2) / 1000) - 1)
    return 1000 / math.log(2) * torch.log(1 + value / 700)
