"""The threshold as an absolute number

Expect: the threshold was taken as an absolute number
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels).conj() / kernels.shape[-1]
    return torch.where(S.abs() < threshold, 0, S)
