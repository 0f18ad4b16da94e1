"""The largest of each column

Expect: relative to the largest of each column
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels).conj() / kernels.shape[-1]
    return torch.where(S.abs() < threshold * S.abs().amax(0), 0, S)
