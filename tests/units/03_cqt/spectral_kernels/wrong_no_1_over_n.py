"""The 1/N forgotten

Expect: 1/N of Parseval is missing
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels).conj()
    return torch.where(S.abs() < threshold * S.abs().amax(-1, keepdim=True), 0, S)
