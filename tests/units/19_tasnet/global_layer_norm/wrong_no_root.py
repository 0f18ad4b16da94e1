"""Division by the variance.

Expect: root is missing
"""

import torch


def global_layer_norm(x, gain, offset, eps=1e-8):
    mean = x.mean((1, 2), keepdim=True)
    variance = x.var((1, 2), correction=0, keepdim=True)
    return (x - mean) / (variance + eps) * gain[:, None] + offset[:, None]
