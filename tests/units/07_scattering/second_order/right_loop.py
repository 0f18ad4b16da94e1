"""path by path"""

import torch


def second_order(x, first, second, low_pass, paths, hop):
    n, samples = first.shape[-1], x.shape[-1]
    convolve = lambda y, h: torch.fft.ifft(torch.fft.fft(y, n) * h)
    rows = []
    for a, b in paths:
        u = convolve(convolve(x, first[a]).abs(), second[b]).abs()
        rows.append(convolve(u, low_pass).real[..., : samples + 1 : hop])
    return torch.stack(rows, -2)
