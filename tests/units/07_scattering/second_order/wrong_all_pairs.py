"""Every pair

Expect: every pair is there
"""

import torch


def second_order(x, first, second, low_pass, paths, hop):
    n, frames = first.shape[-1], x.shape[-1] // hop + 1
    u = torch.fft.ifft(torch.fft.fft(x, n)[..., None, :] * first).abs()
    v = torch.fft.ifft(torch.fft.fft(u)[..., None, :] * second).abs()
    S = torch.fft.ifft(torch.fft.fft(v) * low_pass).real.flatten(-3, -2)
    return S[..., ::hop][..., :frames]
