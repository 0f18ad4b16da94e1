"""inverse is ignored

Expect: `inverse` was ignored
"""

import math

import torch


def fant(value, inverse=False):
    return 1000 / math.log(2) * torch.log(1 + value / 1000)
