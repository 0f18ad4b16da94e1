"""x * ψ1 * ψ2

Expect: the inner modulus is missing
"""

import torch


def second_order(x, first, second, low_pass, paths, hop):
    n, frames = first.shape[-1], x.shape[-1] // hop + 1
    ones, twos = [a for a, _ in paths], [b for _, b in paths]
    X = torch.fft.fft(x, n)[..., None, :]
    u = torch.fft.ifft(X * first[ones])
    v = torch.fft.ifft(torch.fft.fft(u) * second[twos]).abs()
    S = torch.fft.ifft(torch.fft.fft(v) * low_pass).real
    return S[..., ::hop][..., :frames]
