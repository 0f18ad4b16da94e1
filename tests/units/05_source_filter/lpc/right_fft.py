"""Autocorrelation by FFT, the recursion with arrays that are flipped"""

import torch


def lpc(x, order):
    size = x.shape[-1] + order + 1
    r = torch.fft.irfft(torch.fft.rfft(x.double(), 2 * size).abs() ** 2, n=2 * size)[..., : order + 1]
    r = torch.where(x.abs().amax(-1, keepdim=True) > 0, r, 0)
    A = torch.ones_like(r[..., :1])
    error = r[..., 0]
    errors = [error]
    for m in range(1, order + 1):
        gap = (A * r[..., 1 : m + 1].flip(-1)).sum(-1)
        k = torch.where(error > 0, -gap / error.clamp(min=1e-300), 0)
        wider = torch.nn.functional.pad(A, (0, 1))
        A = wider + k[..., None] * wider.flip(-1)
        error = error * (1 - k**2)
        errors.append(error)
    return A[..., 1:].to(x.dtype), torch.stack(errors, -1).to(x.dtype)
