"""Group normalisation with one group."""

import torch


def global_layer_norm(x, gain, offset, eps=1e-8):
    return torch.nn.functional.group_norm(x, 1, gain, offset, eps)
