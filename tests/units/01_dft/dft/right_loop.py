"""A loop over the bins"""

import torch


def dft(x, inverse=False):
    size = x.shape[-1]
    n = torch.arange(size, dtype=torch.float64)
    bins = []
    for k in range(size):
        turn = torch.polar(torch.ones_like(n), (2 if inverse else -2) * torch.pi * k / size * n)
        bins.append((x.to(torch.complex128) * turn).sum(-1))
    return torch.stack(bins, dim=-1) / (size if inverse else 1)
