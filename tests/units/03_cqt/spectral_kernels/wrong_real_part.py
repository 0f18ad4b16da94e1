"""Real parts compared, not magnitudes

Expect: the real parts were compared
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels).conj() / kernels.shape[-1]
    big = S.real.abs() >= threshold * S.real.abs().amax(-1, keepdim=True)
    return S * big
