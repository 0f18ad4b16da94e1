"""Phase counted from sample 0 of the signal

Expect: counts from sample 0 of the signal
"""

import torch
from torch import nn


def stft(x, n_fft=1024, hop=256):
    w = torch.hann_window(n_fft, dtype=x.dtype)
    padded = nn.functional.pad(x, (n_fft // 2, n_fft // 2))
    X = torch.fft.rfft(padded.unfold(-1, n_fft, hop) * w).mT
    k = torch.arange(X.shape[-2], dtype=torch.float64)[:, None]
    start = torch.arange(X.shape[-1], dtype=torch.float64) * hop - n_fft // 2
    return X * torch.exp(-2j * torch.pi * k * start / n_fft)
