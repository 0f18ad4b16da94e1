"""Nothing set to zero

Expect: nothing was set to zero
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels).conj() / kernels.shape[-1]
    return torch.where(torch.zeros(S.shape, dtype=torch.bool), 0, S)
