"""A real filter: both signs of the frequency

Expect: the filters are symmetric
"""

import torch


def morlet_bank(n, centres, widths):
    f = torch.arange(n, dtype=centres.dtype) / n

    def bump(c):
        return sum(torch.exp(-(((f - c[:, None] + k) / widths[:, None]) ** 2) / 2) for k in (-1, 0, 1))

    band, low = bump(centres), bump(0 * centres)
    psi = band - low * (band[:, :1] / low[:, :1])
    return psi + psi.flip(1).roll(1, 1)
