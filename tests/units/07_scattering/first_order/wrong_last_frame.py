"""The last frame missing

Expect: the last frame is missing
"""

import torch


def first_order(x, wavelets, low_pass, hop):
    n, samples = wavelets.shape[-1], x.shape[-1]
    u = torch.fft.ifft(torch.fft.fft(x, n).unsqueeze(-2) * wavelets).abs()
    S = torch.fft.ifft(torch.fft.fft(u) * low_pass).real
    return S[..., ::hop][..., : samples // hop]
