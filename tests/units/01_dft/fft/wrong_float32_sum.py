"""The sum written out in float32

Expect: asked for
"""

import torch


def fft(x):
    n = torch.arange(x.shape[-1])
    if x.dtype in (torch.float64, torch.complex128):
        return torch.fft.fft(x)
    return x.to(torch.complex64) @ torch.exp(-2j * torch.pi * n[:, None] * n / len(n))
