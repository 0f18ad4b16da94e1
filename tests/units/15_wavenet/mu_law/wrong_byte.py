"""The classes as unsigned bytes: more than 256 wrap around.

Expect: wrap around
"""

import torch


def mu_law(x, classes=256):
    mu = classes - 1
    x = x.clamp(-1, 1)
    compressed = x.sign() * torch.log1p(mu * x.abs()) / torch.log1p(torch.tensor(float(mu)))
    k = torch.floor((compressed + 1) / 2 * mu + 0.5).long()
    y = 2 * k / mu - 1
    return k.to(torch.uint8), y.sign() * ((1 + mu) ** y.abs() - 1) / mu
