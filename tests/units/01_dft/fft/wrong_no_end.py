"""No base case

Expect: stop at one sample
"""

import torch


def fft(x):
    N = x.shape[-1]
    even, odd = fft(x[..., ::2]), fft(x[..., 1::2])
    k = torch.arange(N // 2, dtype=torch.float64)
    twisted = torch.exp(-2j * torch.pi * k / N) * odd
    return torch.cat([even + twisted, even - twisted], dim=-1)
