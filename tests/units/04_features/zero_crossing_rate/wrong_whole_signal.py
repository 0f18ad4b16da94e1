"""One rate for the whole signal

Expect: shape
"""

import torch


def zero_crossing_rate(x, length=1024, hop=256):
    frames = x.unfold(-1, length, hop)
    negative = x < 0
    return (negative[..., 1:] != negative[..., :-1]).float().mean(-1)
