"""The largest entry of the whole matrix

Expect: relative to the largest entry of the matrix
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels).conj() / kernels.shape[-1]
    return torch.where(S.abs() < threshold * S.abs().max(), 0, S)
