"""Only what is strictly above the limit is kept

Expect: equal the limit
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels).conj() / kernels.shape[-1]
    mag = S.abs()
    return torch.where(mag > threshold * mag.amax(-1, keepdim=True), S, torch.zeros_like(S))
