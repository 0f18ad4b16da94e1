"""Ends padded by reflection

Expect: padded by reflection
"""

import torch
from torch import nn


def stft(x, n_fft=1024, hop=256):
    w = torch.hann_window(n_fft, dtype=x.dtype)
    p = n_fft // 2
    mode = "reflect" if x.shape[-1] > p else "constant"
    padded = nn.functional.pad(x.reshape(-1, x.shape[-1]), (p, p), mode=mode).reshape(*x.shape[:-1], -1)
    return torch.fft.rfft(padded.unfold(-1, n_fft, hop) * w).mT
