"""float32 for float64 arguments

Expect: right but for its dtype
"""

import torch


def morlet_bank(n, centres, widths):
    f = torch.arange(n) / n
    c, w = centres.float()[:, None], widths.float()[:, None]

    def g1(u):
        return sum(torch.exp(-0.5 * ((u + k) / w) ** 2) for k in (-1, 0, 1))

    return g1(f - c) - g1(-c) / g1(0 * c) * g1(f + 0 * c)
