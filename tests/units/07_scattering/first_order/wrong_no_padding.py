"""The signal is not padded

Expect: append zeros up to n
"""

import torch


def first_order(x, wavelets, low_pass, hop):
    samples, n = x.shape[-1], low_pass.shape[-1]
    u = torch.fft.ifft(torch.fft.fft(x).unsqueeze(-2) * wavelets[:, :samples]).abs()
    S = torch.fft.ifft(torch.fft.fft(u) * low_pass[:samples]).real
    return S[..., ::hop][..., : samples // hop + 1]
