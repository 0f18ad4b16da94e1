"""The envelope cut before the average

Expect: cut to the signal before the average
"""

import torch


def first_order(x, wavelets, low_pass, hop):
    samples, n = x.shape[-1], low_pass.shape[-1]
    u = torch.fft.ifft(torch.fft.fft(x, n).unsqueeze(-2) * wavelets).abs()
    S = torch.fft.ifft(torch.fft.fft(u[..., :samples], n) * low_pass).real
    return S[..., ::hop][..., : samples // hop + 1]
