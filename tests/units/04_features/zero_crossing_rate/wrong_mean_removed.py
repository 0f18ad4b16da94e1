"""The mean of each frame is subtracted first

Expect: the mean of each frame was subtracted
"""

import torch


def zero_crossing_rate(x, length=1024, hop=256):
    frames = x.unfold(-1, length, hop)
    negative = frames - frames.double().mean(-1, keepdim=True) < 0
    return (negative[..., 1:] != negative[..., :-1]).float().mean(-1)
