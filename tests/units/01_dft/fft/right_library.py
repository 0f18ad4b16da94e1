"""torch.fft"""

import torch


def fft(x):
    return torch.fft.fft(x.to(torch.complex128))
