"""Measured: an impulse through the stack."""

import torch


def receptive_field(kernels, dilations):
    total = 1 + sum(k * d for k, d in zip(kernels, dilations))
    x = torch.zeros(1, 1, total, dtype=torch.float64)
    x[..., 0] = 1
    for kernel, dilation in zip(kernels, dilations):
        x = torch.nn.functional.pad(x, (dilation * (kernel - 1), 0))
        x = torch.nn.functional.conv1d(x, torch.ones(1, 1, kernel, dtype=torch.float64), dilation=dilation)
    return int(torch.nonzero(x[0, 0] > 0.5).max()) + 1
