"""No zeros at the ends

Expect: pad n_fft/2 zeros at both ends
"""

import torch


def cqt(x, spectral, hop):
    n_fft = spectral.shape[-1]
    frames = torch.nn.functional.pad(x, (0, max(0, n_fft - x.shape[-1]))).unfold(-1, n_fft, hop)
    return (torch.fft.fft(frames) @ spectral.mT).mT
