"""Running sum of the changes of the whole signal"""

import torch


def zero_crossing_rate(x, length=1024, hop=256):
    s = torch.where(x < 0, -1.0, 1.0).double()
    c = torch.cumsum(torch.cat([torch.zeros_like(s[..., :1]), (s.diff(dim=-1).abs() / 2)], -1), -1)
    n = 1 + (x.shape[-1] - length) // hop
    start = torch.arange(n) * hop
    return ((c[..., start + length - 1] - c[..., start]) / (length - 1)).to(x.dtype)
