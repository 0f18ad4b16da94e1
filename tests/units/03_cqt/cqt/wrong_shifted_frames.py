"""Frames shifted before the DFT

Expect: the frames were shifted
"""

import torch
from torch import nn


def cqt(x, spectral, hop):
    N = spectral.shape[-1]
    frames = nn.functional.pad(x, (N // 2, N // 2)).unfold(-1, N, hop)
    return (torch.fft.fft(torch.fft.ifftshift(frames, dim=-1)) @ spectral.mT).mT
