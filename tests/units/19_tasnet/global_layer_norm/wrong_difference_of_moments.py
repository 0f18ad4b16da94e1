"""The variance as E[x²] − E[x]².

Expect: far from zero
"""

import torch


def global_layer_norm(x, gain, offset, eps=1e-8):
    mean = x.mean((1, 2), keepdim=True)
    variance = x.square().mean((1, 2), keepdim=True) - mean.square()
    return (x - mean) / torch.sqrt(variance + eps) * gain[:, None] + offset[:, None]
