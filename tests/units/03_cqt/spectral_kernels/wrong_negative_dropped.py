"""Negative frequencies set to zero

Expect: the negative frequencies were set to zero
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels).conj() / kernels.shape[-1]
    mag = S.abs()
    S = S * (mag >= threshold * mag.amax(-1, keepdim=True))
    S[:, S.shape[-1] // 2 + 1 :] = 0
    return S
