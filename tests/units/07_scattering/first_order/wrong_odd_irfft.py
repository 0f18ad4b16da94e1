"""irfft without n

Expect: pass n
"""

import torch


def first_order(x, wavelets, low_pass, hop):
    samples, n = x.shape[-1], low_pass.shape[-1]
    u = torch.fft.ifft(torch.fft.fft(x, n).unsqueeze(-2) * wavelets).abs()
    S = torch.fft.irfft(torch.fft.rfft(u) * low_pass[: n // 2 + 1])
    return S[..., ::hop][..., : samples // hop + 1]
