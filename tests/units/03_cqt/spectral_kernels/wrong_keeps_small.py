"""The mask upside down

Expect: the small ones kept
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels).conj() / kernels.shape[-1]
    return torch.where(S.abs() >= threshold * S.abs().amax(-1, keepdim=True), 0, S)
