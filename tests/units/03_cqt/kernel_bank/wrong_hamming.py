"""Brown's Hamming window

Expect: the window is the Hamming window
"""

import torch


def kernel_bank(frequencies, lengths, sr, n_fft):
    n = torch.arange(n_fft, dtype=torch.float64) - n_fft // 2
    u = (n / lengths[:, None]).clamp(-0.5, 0.5)
    w = (0.54 + 0.46 * torch.cos(2 * torch.pi * u)) * (u.abs() < 0.5)
    return w / w.sum(-1, keepdim=True) * torch.exp(2j * torch.pi * frequencies[:, None] * n / sr)
