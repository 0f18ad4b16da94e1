"""in float32 and complex64"""

import torch


def kernel_bank(frequencies, lengths, sr, n_fft):
    n = torch.arange(n_fft).float() - n_fft / 2
    phase = 2 * torch.pi * frequencies.float()[:, None] * n / sr
    w = (0.5 + 0.5 * torch.cos(2 * torch.pi * n / lengths.float()[:, None])) * (n.abs() < lengths[:, None] / 2)
    return torch.complex(w * torch.cos(phase), w * torch.sin(phase)) / w.sum(1, keepdim=True)
