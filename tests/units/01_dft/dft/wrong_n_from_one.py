"""n and k from 1

Expect: the DFT is wrong
"""

import torch


def dft(x, inverse=False):
    n = torch.arange(1, x.shape[-1] + 1, dtype=torch.float64)
    sign = 1 if inverse else -1
    X = x.to(torch.complex128) @ torch.exp(sign * 2j * torch.pi / len(n) * n[:, None] * n)
    return X / len(n) if inverse else X
