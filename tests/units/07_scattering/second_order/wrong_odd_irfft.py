"""irfft without n

Expect: pass n
"""

import torch


def second_order(x, first, second, low_pass, paths, hop):
    samples, n = x.shape[-1], low_pass.shape[-1]
    ones, twos = [i for i, _ in paths], [k for _, k in paths]
    u = torch.fft.ifft(torch.fft.fft(x, n).unsqueeze(-2) * first[ones]).abs()
    v = torch.fft.ifft(torch.fft.fft(u) * second[twos]).abs()
    S = torch.fft.irfft(torch.fft.rfft(v) * low_pass[: n // 2 + 1])
    return S[..., ::hop][..., : samples // hop + 1]
