"""Only half of the bins

Expect: first N//2 + 1 bins
"""

import torch


def fft(x):
    return torch.fft.fft(x)[..., : x.shape[-1] // 2 + 1]
