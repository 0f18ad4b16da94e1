"""Frames side by side

Expect: frames start n_fft samples apart
"""

import torch


def cqt(x, spectral, hop):
    n_fft = spectral.shape[-1]
    frames = torch.nn.functional.pad(x, (n_fft // 2, n_fft // 2)).unfold(-1, n_fft, n_fft)
    return (torch.fft.fft(frames) @ spectral.mT).mT
