"""complex64 for float32

Expect: should be complex128
"""

import torch


def fft(x):
    return torch.fft.fft(x)
