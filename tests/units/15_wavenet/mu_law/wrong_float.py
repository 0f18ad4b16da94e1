"""The classes are floats.

Expect: integers
"""

import math

import torch


def mu_law(x, classes=256):
    mu = classes - 1
    x = x.clamp(-1, 1)
    y = torch.sign(x) * torch.log1p(mu * x.abs()) / math.log1p(mu)
    k = torch.floor((y + 1) / 2 * mu + 0.5)
    place = 2 * k / mu - 1
    return k, torch.sign(place) * ((1 + mu) ** place.abs() - 1) / mu
