"""The kernel conjugated already

Expect: the kernels are conjugated
"""

import torch


def kernel_bank(frequencies, lengths, sr, n_fft):
    n = torch.arange(n_fft, dtype=torch.float64) - n_fft // 2
    u = (n / lengths[:, None]).clamp(-0.5, 0.5)
    w = 0.5 + 0.5 * torch.cos(2 * torch.pi * u)
    return w / w.sum(-1, keepdim=True) * torch.exp(-2j * torch.pi * frequencies[:, None] * n / sr)
