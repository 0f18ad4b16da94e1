"""The inverse through the forward DFT"""

import numpy as np
import torch


def dft(x, inverse=False):
    if inverse:
        return dft(x.conj()).conj() / x.shape[-1]
    x = x.to(torch.complex128)
    n = np.arange(x.shape[-1])
    return torch.einsum("...n,kn->...k", x, torch.from_numpy(np.exp(-2j * np.pi * np.outer(n, n) / len(n))))
