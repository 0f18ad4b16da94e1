"""Always in complex64

Expect: in a lower precision
"""

import torch
from torch import nn


def cqt(x, spectral, hop):
    N = spectral.shape[-1]
    frames = nn.functional.pad(x, (N // 2, N // 2)).unfold(-1, N, hop)
    return (torch.fft.fft(frames).to(torch.complex64) @ spectral.to(torch.complex64).mT).mT
