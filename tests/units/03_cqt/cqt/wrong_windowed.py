"""A Hann window on top of that of the kernels

Expect: a window was applied to the frames
"""

import torch


def cqt(x, spectral, hop):
    n_fft = spectral.shape[-1]
    frames = torch.nn.functional.pad(x, (n_fft // 2, n_fft // 2)).unfold(-1, n_fft, hop) * torch.hann_window(n_fft, dtype=x.dtype)
    return (torch.fft.fft(frames) @ spectral.mT).mT
