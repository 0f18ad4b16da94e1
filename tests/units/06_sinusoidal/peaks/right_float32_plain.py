"""In the dtype of the input"""

import torch


def peaks(amplitude, sr, floor_db=-80.0):
    L = 20 * torch.log10(amplitude.clamp(min=1e-12))
    a, b, c = L[:-2], L[1:-1], L[2:]
    top = (b > a) & (b >= c)
    i = torch.nonzero(top)[:, 0]
    a, b, c = a[i], b[i], c[i]
    d = 0.5 * (a - c) / (a - 2 * b + c)
    h = b - 0.25 * (a - c) * d
    keep = h > floor_db
    f = (i + 1 + d) * sr / 2 / (len(amplitude) - 1)
    return f[keep].to(amplitude.dtype), (10 ** (h / 20))[keep].to(amplitude.dtype)
