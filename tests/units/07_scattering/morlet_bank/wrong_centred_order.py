"""Frequency 0 in the middle

Expect: the order of the DFT begins with frequency 0
"""

import torch


def morlet_bank(n, centres, widths):
    f = torch.arange(n, dtype=centres.dtype) / n

    def bump(c):
        return sum(torch.exp(-(((f - c[:, None] + k) / widths[:, None]) ** 2) / 2) for k in (-1, 0, 1))

    band, low = bump(centres), bump(0 * centres)
    return torch.fft.fftshift(band - low * (band[:, :1] / low[:, :1]), dim=1)
