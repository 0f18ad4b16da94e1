"""a mask, multiplied"""

import torch


def spectral_kernels(kernels, threshold):
    A = torch.fft.fft(kernels, norm="forward")
    keep = A.abs() / A.abs().max(1, keepdim=True).values >= threshold
    return A.conj() * keep
