"""Only upward crossings

Expect: only crossings in one direction
"""

import torch


def zero_crossing_rate(x, length=1024, hop=256):
    frames = x.unfold(-1, length, hop)
    return ((frames[..., 1:] >= 0) & (frames[..., :-1] < 0)).float().mean(-1)
