"""Hamming window

Expect: the hamming window
"""

import torch
from torch import nn


def stft(x, n_fft=1024, hop=256):
    padded = nn.functional.pad(x, (n_fft // 2, n_fft // 2))
    return torch.fft.rfft(padded.unfold(-1, n_fft, hop) * torch.hamming_window(n_fft, dtype=x.dtype)).mT
