"""Signed frequencies, no images

Expect: a wavelet near 1/2 reaches round
"""

import torch


def morlet_bank(n, centres, widths):
    f = torch.fft.fftfreq(n, dtype=centres.dtype)
    band = torch.exp(-(((f - centres[:, None]) / widths[:, None]) ** 2) / 2)
    low = torch.exp(-((f / widths[:, None]) ** 2) / 2)
    return band - low * (band[:, :1] / low[:, :1])
