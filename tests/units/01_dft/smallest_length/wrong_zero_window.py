"""Symmetric window of numpy, zero at two samples

Expect: 0 ≤ 0
"""

import numpy as np
import torch

def smallest_length(low, high, sr, name, longest=4096):
    frequencies = torch.tensor([low, (low + high) / 2, high], dtype=torch.float64)
    for L in range(2, longest + 1):
        t = (torch.arange(L, dtype=torch.float64) - L / 2) / sr
        tones = torch.cos(2 * torch.pi * low * t) + torch.cos(2 * torch.pi * high * t)
        frame = tones * torch.from_numpy({'hann': np.hanning, 'hamming': np.hamming, 'blackman': np.blackman, 'boxcar': np.ones}[name](L))
        X = (torch.exp(-2j * torch.pi * frequencies[:, None] * t) * frame).sum(-1).abs()
        if X[1] <= 10 ** (-3 / 20) * torch.minimum(X[0], X[2]):
            return L
    return 0
