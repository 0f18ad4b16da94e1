"""The cosine alone, as complex numbers

Expect: only the cosine is there
"""

import torch


def kernel_bank(frequencies, lengths, sr, n_fft):
    n = torch.arange(n_fft, dtype=lengths.dtype) - n_fft // 2
    L = lengths[:, None]
    win = (0.5 + 0.5 * torch.cos(2 * torch.pi * n / L)) * (n.abs() < L / 2)
    win = win / win.sum(-1, keepdim=True)
    return (win * torch.cos(2 * torch.pi * frequencies[:, None] * n / sr)).to(torch.complex64)
