"""The DFT along the bins

Expect: the DFT runs over the bins
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels, dim=0).conj() / kernels.shape[-1]
    return torch.where(S.abs() < threshold * S.abs().amax(-1, keepdim=True), 0, S)
