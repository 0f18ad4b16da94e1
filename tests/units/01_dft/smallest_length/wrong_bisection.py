"""Bisection over the length

Expect: bisection
"""

import torch

from course_lib import signal


def smallest_length(low, high, sr, name, longest=4096):
    frequencies = torch.tensor([low, (low + high) / 2, high], dtype=torch.float64)
    smallest, largest = 1, longest + 1
    while smallest < largest:
        L = (smallest + largest) // 2
        t = (torch.arange(L, dtype=torch.float64) - L / 2) / sr
        tones = torch.cos(2 * torch.pi * low * t) + torch.cos(2 * torch.pi * high * t)
        frame = tones * signal.window(name, L, dtype=torch.float64)
        X = (torch.exp(-2j * torch.pi * frequencies[:, None] * t) * frame).sum(-1).abs()
        if 20 * torch.log10(torch.minimum(X[0], X[2]) / X[1]) >= 3:
            largest = L
        else:
            smallest = L + 1
    return smallest if smallest <= longest else 0
