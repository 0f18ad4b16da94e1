"""Symmetric window

Expect: symmetric one
"""

import torch

from course_lib import signal


def smallest_length(low, high, sr, name, longest=4096):
    frequencies = torch.tensor([low, (low + high) / 2, high], dtype=torch.float64)
    for L in range(2, longest + 1):
        t = (torch.arange(L, dtype=torch.float64) - L / 2) / sr
        tones = torch.cos(2 * torch.pi * low * t) + torch.cos(2 * torch.pi * high * t)
        frame = tones * signal.window(name, L, periodic=False, dtype=torch.float64)
        X = (torch.exp(-2j * torch.pi * frequencies[:, None] * t) * frame).sum(-1).abs()
        if 20 * torch.log10(torch.minimum(X[0], X[2]) / X[1]) >= 3:
            return L
    return 0
