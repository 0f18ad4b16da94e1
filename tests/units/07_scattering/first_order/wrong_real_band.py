"""irfft for the band

Expect: makes the band real
"""

import torch


def first_order(x, wavelets, low_pass, hop):
    samples, n = x.shape[-1], low_pass.shape[-1]
    u = torch.fft.irfft(torch.fft.rfft(x, n).unsqueeze(-2) * wavelets[:, : n // 2 + 1], n).abs()
    S = torch.fft.ifft(torch.fft.fft(u) * low_pass).real
    return S[..., ::hop][..., : samples // hop + 1]
