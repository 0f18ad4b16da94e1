"""The lower of two middle samples

Expect: one sample early in frames of even length
"""

import math
import torch


def harmonic_fit(x, f0, sr, harmonics):
    c = torch.zeros(harmonics, dtype=torch.complex128)
    x64 = x.double()
    used = 0 if f0 <= 0 else sum(h * f0 < sr / 2 for h in range(1, harmonics + 1))
    rest = x64
    if used:
        n = torch.arange(len(x), dtype=torch.float64) - (len(x) - 1) // 2
        ang = 2 * math.pi * f0 / sr * n[:, None] * torch.arange(1, used + 1, dtype=torch.float64)
        M = torch.cat([torch.cos(ang), -torch.sin(ang)], 1)
        s = torch.linalg.lstsq(M, x64[:, None]).solution
        rest = x64 - (M @ s)[:, 0]
        c[:used] = torch.complex(s[:used, 0], s[used:, 0])
    return c.to(torch.complex64 if x.dtype == torch.float32 else torch.complex128), rest.to(x.dtype)
