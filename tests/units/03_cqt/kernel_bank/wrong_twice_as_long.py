"""The window ends at ±L, not at ±L/2

Expect: the window lasts 2·L
"""

import torch


def kernel_bank(frequencies, lengths, sr, n_fft):
    n = torch.arange(n_fft, dtype=lengths.dtype) - n_fft // 2
    L = lengths[:, None]
    win = 0.5 + 0.5 * torch.cos(2 * torch.pi * n / L)
    win = win * (n.abs() < L)
    win = win / win.sum(-1, keepdim=True)
    return win * torch.exp(2j * torch.pi * frequencies[:, None] * n / sr)
