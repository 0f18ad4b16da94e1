"""signed frequencies"""

import torch


def morlet_bank(n, centres, widths):
    f = torch.fft.fftfreq(n, dtype=torch.float64)
    c, w = centres.double().unsqueeze(-1), widths.double().unsqueeze(-1)
    gauss = lambda u: torch.stack([torch.exp(-0.5 * ((u + k) / w) ** 2) for k in (-2, -1, 0, 1, 2)]).sum(0)
    at_zero = gauss(-c) / gauss(torch.zeros_like(c))
    return gauss(f - c) - at_zero * gauss(f.expand(len(c), -1))
