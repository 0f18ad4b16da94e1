"""norm="ortho"

Expect: the factor is 1/√N
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels, norm="ortho").conj()
    return torch.where(S.abs() < threshold * S.abs().amax(-1, keepdim=True), 0, S)
