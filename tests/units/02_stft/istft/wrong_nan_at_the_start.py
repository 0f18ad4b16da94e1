"""Padding left at the start, 0/0

Expect: drop the first n_fft//2 samples
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
    start = 0
    return (total / weight)[..., start : start + length]
