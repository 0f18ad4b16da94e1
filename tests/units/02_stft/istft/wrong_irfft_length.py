"""irfft without n

Expect: irfft made frames of n_fft − 1 samples
"""

import torch


def istft(X, n_fft, hop, length):
    w = torch.hann_window(n_fft, dtype=X.real.dtype)
    frames = torch.fft.irfft(X.mT)
    n_fft = frames.shape[-1]
    w = torch.hann_window(n_fft, dtype=X.real.dtype)
    frames = frames * w
    total = frames.new_zeros(*X.shape[:-2], X.shape[-1] * hop + 2 * n_fft)
    weight = torch.zeros_like(total)
    for m in range(X.shape[-1]):
        total[..., m * hop : m * hop + n_fft] += frames[..., m, :]
        weight[..., m * hop : m * hop + n_fft] += w * w
    start = n_fft // 2
    return (total / weight.clamp(min=1e-12))[..., start : start + length]
