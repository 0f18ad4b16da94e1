"""The scale of HTK

Expect: it is HTK
"""

import math

import torch


def fant(value, inverse=False):
    if inverse:
        return 700 * (10 ** (value / 2595) - 1)
    return 2595 * torch.log10(1 + value / 700)
