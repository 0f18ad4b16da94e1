"""mH in place of mT

Expect: conjugated again
"""

import torch


def cqt(x, spectral, hop):
    n_fft = spectral.shape[-1]
    frames = torch.nn.functional.pad(x, (n_fft // 2, n_fft // 2)).unfold(-1, n_fft, hop)
    return (torch.fft.fft(frames) @ spectral.mH).mT
