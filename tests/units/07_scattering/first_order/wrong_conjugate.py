"""The spectrum conjugated

Expect: turns time round
"""

import torch


def first_order(x, wavelets, low_pass, hop):
    samples, n = x.shape[-1], low_pass.shape[-1]
    u = torch.fft.ifft(torch.fft.fft(x, n).conj().unsqueeze(-2) * wavelets).abs()
    S = torch.fft.ifft(torch.fft.fft(u) * low_pass).real
    return S[..., ::hop][..., : samples // hop + 1]
