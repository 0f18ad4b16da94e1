"""Autocorrelation by FFT in the precision of the input"""

import torch


def lpc(x, order):
    n = 2 * max(x.shape[-1], order + 1)
    r = torch.fft.irfft(torch.fft.rfft(x, n).abs() ** 2, n)[..., : order + 1]
    E, a, errs = r[..., 0], [], [r[..., 0]]
    for m in range(1, order + 1):
        acc = r[..., m] + sum((a[i - 1] * r[..., m - i] for i in range(1, m)), torch.zeros_like(E))
        k = torch.where(E > 0, -acc / E.clamp(min=1e-30), 0.0)
        a = [a[i] + k * a[m - 2 - i] for i in range(m - 1)] + [k]
        E = E * (1 - k * k)
        errs.append(E)
    return torch.stack(a, -1), torch.stack(errs, -1)
