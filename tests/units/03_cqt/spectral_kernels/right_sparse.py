"""a sparse tensor"""

import torch


def spectral_kernels(kernels, threshold):
    S = torch.fft.fft(kernels.to(torch.complex128), dim=1).conj() / kernels.shape[1]
    S[S.abs() < threshold * S.abs().amax(1, keepdim=True)] = 0
    return S.resolve_conj().to_sparse()
