"""1/N in the forward transform

Expect: divided by N
"""

import torch


def dft(x, inverse=False):
    n = torch.arange(x.shape[-1], dtype=torch.float64)
    sign = 1 if inverse else -1
    X = x.to(torch.complex128) @ torch.exp(sign * 2j * torch.pi / len(n) * n[:, None] * n)
    return X if inverse else X / len(n)
