"""Sums written out, in decibels"""

import torch


def window_shape(w):
    w = w.double()
    bins = torch.arange(0, len(w) / 2, 0.003, dtype=torch.float64)
    W = (torch.exp(-2j * torch.pi / len(w) * bins[:, None] * torch.arange(len(w))) @ w.to(torch.complex128)).abs()
    level = 20 * torch.log10(W / W[0])
    k = 0
    while level[k] > -6.0206:
        k += 1
    width = 2 * float(bins[k])
    while level[k + 1] <= level[k]:
        k += 1
    return width, float(level[k:].max())
