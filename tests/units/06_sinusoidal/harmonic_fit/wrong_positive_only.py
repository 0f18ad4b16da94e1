"""Positive frequencies only

Expect: only exponentials of positive frequency
"""

import math
import torch


def harmonic_fit(x, f0, sr, harmonics):
    c = torch.zeros(harmonics, dtype=torch.complex128)
    x64 = x.double()
    used = 0 if f0 <= 0 else sum(h * f0 < sr / 2 for h in range(1, harmonics + 1))
    rest = x64
    if used:
        n = torch.arange(len(x), dtype=torch.float64) - len(x) // 2
        ang = 2 * math.pi * f0 / sr * n[:, None] * torch.arange(1, used + 1, dtype=torch.float64)
        E = torch.exp(1j * ang)
        z = torch.linalg.lstsq(E, x64[:, None].to(torch.complex128)).solution[:, 0]
        c[:used] = 2 * z
        rest = x64 - (E @ c[:used]).real
    return c.to(torch.complex64 if x.dtype == torch.float32 else torch.complex128), rest.to(x.dtype)
