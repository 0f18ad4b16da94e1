"""Frames that begin at m·hop

Expect: frames begin at m·hop
"""

import torch


def cqt(x, spectral, hop):
    n_fft = spectral.shape[-1]
    frames = torch.nn.functional.pad(x, (0, n_fft)).unfold(-1, n_fft, hop)[..., : x.shape[-1] // hop + 1, :]
    return (torch.fft.fft(frames) @ spectral.mT).mT
