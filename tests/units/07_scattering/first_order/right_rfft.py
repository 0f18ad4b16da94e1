"""padded by hand, rfft for the average"""

import torch


def first_order(x, wavelets, low_pass, hop):
    samples, n = x.shape[-1], low_pass.shape[-1]
    x = torch.nn.functional.pad(x, (0, n - samples))
    u = torch.fft.ifft(torch.fft.fft(x).unsqueeze(-2) * wavelets).abs()
    S = torch.fft.irfft(torch.fft.rfft(u) * low_pass[: n // 2 + 1], n)
    return S[..., ::hop][..., : samples // hop + 1]
