"""Bottom up, without recursion"""

import torch


def fft(x):
    X = x.to(torch.complex128).unsqueeze(-2)
    half = 1
    while half < x.shape[-1]:
        even, odd = X.chunk(2, dim=-1)
        t = torch.exp(-1j * torch.pi * torch.arange(half, dtype=torch.float64) / half)[:, None]
        X = torch.cat([even + t * odd, even - t * odd], dim=-2)
        half *= 2
    return X[..., 0]
