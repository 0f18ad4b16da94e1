"""Impulse responses

Expect: the filters are in time
"""

import torch


def morlet_bank(n, centres, widths):
    f = torch.arange(n, dtype=centres.dtype) / n

    def bump(c):
        return sum(torch.exp(-(((f - c[:, None] + k) / widths[:, None]) ** 2) / 2) for k in (-1, 0, 1))

    band, low = bump(centres), bump(0 * centres)
    return torch.fft.ifft(band - low * (band[:, :1] / low[:, :1]))
