"""Bins in the order of fftshift

Expect: the bins are shifted
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fftshift(torch.fft.fft(kernels).conj(), dim=-1) / kernels.shape[-1]
    mag = S.abs()
    return torch.where(mag >= threshold * mag.amax(-1, keepdim=True), S, torch.zeros_like(S))
