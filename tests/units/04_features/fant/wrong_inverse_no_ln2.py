"""The inverse without ln 2

Expect: ln 2 is missing: the exponent
"""

import math

import torch


def fant(value, inverse=False):
    if inverse:
        return 1000 * (torch.exp(value / 1000) - 1)
    return 1000 / math.log(2) * torch.log(1 + value / 1000)
