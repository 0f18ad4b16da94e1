"""ifftshift before the DFT

Expect: the kernels were shifted before the DFT
"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(torch.fft.ifftshift(kernels, dim=-1)).conj() / kernels.shape[-1]
    mag = S.abs()
    return torch.where(mag >= threshold * mag.amax(-1, keepdim=True), S, torch.zeros_like(S))
