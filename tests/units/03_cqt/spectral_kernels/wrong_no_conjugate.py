"""The conjugate forgotten

Expect: the spectra are not conjugated
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels) / kernels.shape[-1]
    return torch.where(S.abs() < threshold * S.abs().amax(-1, keepdim=True), 0, S)
