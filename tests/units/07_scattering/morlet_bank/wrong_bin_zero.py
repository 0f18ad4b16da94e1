"""Only bin 0 set to zero

Expect: only bin 0 was set to zero
"""

import torch


def morlet_bank(n, centres, widths):
    f = torch.arange(n, dtype=centres.dtype) / n

    def bump(c):
        return sum(torch.exp(-(((f - c[:, None] + k) / widths[:, None]) ** 2) / 2) for k in (-1, 0, 1))

    band, low = bump(centres), bump(0 * centres)
    band[:, 0] = 0
    return band
