"""One divided by the mel in place of the inverse function

Expect: infinite
"""

import math

import torch


def fant(value, inverse=False):
    if inverse:
        return 1 / (1000 / math.log(2) * torch.log(1 + value / 1000))
    return 1000 / math.log(2) * torch.log(1 + value / 1000)
