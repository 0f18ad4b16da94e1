"""Minus in both

Expect: that of the forward DFT
"""

import torch


def dft(x, inverse=False):
    n = torch.arange(x.shape[-1], dtype=torch.float64)
    sign = -1
    X = x.to(torch.complex128) @ torch.exp(sign * 2j * torch.pi / len(n) * n[:, None] * n)
    return X / len(n) if inverse else X
