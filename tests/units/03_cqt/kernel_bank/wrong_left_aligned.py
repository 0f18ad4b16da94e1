"""Kernels that begin at sample 0

Expect: the kernels begin at sample 0
"""

import torch


def kernel_bank(frequencies, lengths, sr, n_fft):
    n = torch.arange(n_fft, dtype=torch.float64)
    w = (0.5 - 0.5 * torch.cos(2 * torch.pi * n / lengths[:, None])) * (n < lengths[:, None])
    return w / w.sum(-1, keepdim=True) * torch.exp(2j * torch.pi * frequencies[:, None] * n / sr)
