"""The ends count as peaks

Expect: too long
"""

import torch


def peaks(amplitude, sr, floor_db=-80.0):
    L = 20 * torch.log10(amplitude.double().clamp(min=1e-12))
    lo = L.new_full((1,), -240.0)
    a, b, c = torch.cat([lo, L[:-1]]), L, torch.cat([L[1:], lo])
    top = (b > a) & (b >= c)
    i = torch.nonzero(top)[:, 0]
    a, b, c = a[i], b[i], c[i]
    d = 0.5 * (a - c) / (a - 2 * b + c)
    h = b - 0.25 * (a - c) * d
    keep = h > floor_db
    f = (i + d) * sr / 2 / (len(amplitude) - 1)
    return f[keep].to(amplitude.dtype), (10 ** (h / 20))[keep].to(amplitude.dtype)
