"""All axes

Expect: all axes
"""

import torch


def dft(x, inverse=False):
    return torch.fft.ifftn(x) if inverse else torch.fft.fftn(x)
