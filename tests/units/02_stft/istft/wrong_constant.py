"""Divided by one number

Expect: divided by one number
"""

import torch


def istft(X, n_fft, hop, length):
    w = torch.hann_window(n_fft, dtype=X.real.dtype)
    frames = torch.fft.irfft(X.mT, n=n_fft) * w
    total = frames.new_zeros(*X.shape[:-2], X.shape[-1] * hop + 2 * n_fft)
    weight = torch.zeros_like(total)
    for m in range(X.shape[-1]):
        total[..., m * hop : m * hop + n_fft] += frames[..., m, :]
        weight[..., m * hop : m * hop + n_fft] += w * w
    start = n_fft // 2
    return (total / ((w * w).sum() / hop))[..., start : start + length]
