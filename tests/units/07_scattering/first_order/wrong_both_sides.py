"""Zeros on both sides

Expect: zeros on both sides
"""

import torch


def first_order(x, wavelets, low_pass, hop):
    samples, n = x.shape[-1], low_pass.shape[-1]
    before = (n - samples) // 2
    x = torch.nn.functional.pad(x, (before, n - samples - before))
    u = torch.fft.ifft(torch.fft.fft(x, n).unsqueeze(-2) * wavelets).abs()
    S = torch.fft.ifft(torch.fft.fft(u) * low_pass).real
    return S[..., ::hop][..., : samples // hop + 1]
