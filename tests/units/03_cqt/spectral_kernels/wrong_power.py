"""The threshold on the power

Expect: applied to the power
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels).conj() / kernels.shape[-1]
    return torch.where(S.abs() ** 2 < threshold * S.abs().amax(-1, keepdim=True) ** 2, 0, S)
