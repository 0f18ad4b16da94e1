"""Along the first axis

Expect: first axis
"""

import torch


def fft(x):
    return torch.fft.fft(x, dim=0)
