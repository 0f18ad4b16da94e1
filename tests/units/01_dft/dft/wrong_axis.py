"""Along the first axis

Expect: first axis
"""

import torch


def dft(x, inverse=False):
    return torch.fft.ifft(x, dim=0) if inverse else torch.fft.fft(x, dim=0)
