"""Divided by N − 1

Expect: divides by N − 1
"""

import torch


def dft(x, inverse=False):
    n = torch.arange(x.shape[-1], dtype=torch.float64)
    sign = 1 if inverse else -1
    X = x.to(torch.complex128) @ torch.exp(sign * 2j * torch.pi / max(len(n) - 1, 1) * n[:, None] * n)
    return X / len(n) if inverse else X
