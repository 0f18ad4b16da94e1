"""Frames start at sample 0

Expect: was not padded
"""

import torch
from torch import nn


def stft(x, n_fft=1024, hop=256):
    w = torch.hann_window(n_fft, dtype=x.dtype)
    padded = nn.functional.pad(x, (0, max(0, n_fft - x.shape[-1])))
    return torch.fft.rfft(padded.unfold(-1, n_fft, hop) * w).mT
