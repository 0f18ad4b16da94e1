"""Pi in place of two pi

Expect: 2 of 2π is missing in the twiddle
"""

import torch


def fft(x):
    N = x.shape[-1]
    if N == 1:
        return x.to(torch.complex128)
    even, odd = fft(x[..., ::2]), fft(x[..., 1::2])
    k = torch.arange(N // 2, dtype=torch.float64)
    twisted = torch.exp(-1j * torch.pi * k / N) * odd
    return torch.cat([even + twisted, even - twisted], dim=-1)
