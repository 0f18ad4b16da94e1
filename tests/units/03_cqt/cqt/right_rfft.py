"""half of the spectrum is enough: kernels turn one way"""

import torch


def cqt(x, spectral, hop):
    n_fft = spectral.shape[-1]
    frames = torch.nn.functional.pad(x, (n_fft // 2, n_fft // 2)).unfold(-1, n_fft, hop)
    return torch.einsum("kj,...mj->...km", spectral[:, : n_fft // 2 + 1], torch.fft.rfft(frames))
