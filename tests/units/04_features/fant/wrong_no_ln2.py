"""The factor 1/ln 2 forgotten

Expect: ln 2 is missing
"""

import math

import torch


def fant(value, inverse=False):
    if inverse:
        return 1000 * (torch.exp(value / 1000) - 1)
    return 1000 * torch.log(1 + value / 1000)
