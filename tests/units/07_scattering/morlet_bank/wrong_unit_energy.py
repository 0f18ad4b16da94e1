"""Energy 1 per filter

Expect: each filter has energy 1
"""

import torch


def morlet_bank(n, centres, widths):
    f = torch.arange(n, dtype=centres.dtype) / n

    def bump(c):
        return sum(torch.exp(-(((f - c[:, None] + k) / widths[:, None]) ** 2) / 2) for k in (-1, 0, 1))

    band, low = bump(centres), bump(0 * centres)
    psi = band - low * (band[:, :1] / low[:, :1])
    return psi / psi.norm(dim=1, keepdim=True)
