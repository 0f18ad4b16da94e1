"""Divided by the samples, not by the pairs

Expect: length − 1 pairs
"""

import torch


def zero_crossing_rate(x, length=1024, hop=256):
    frames = x.unfold(-1, length, hop)
    negative = frames < 0
    return (negative[..., 1:] != negative[..., :-1]).sum(-1) / length
