"""In the dtype of the input"""

import torch


def harmonic_fit(x, f0, sr, harmonics):
    h = torch.arange(1, harmonics + 1)
    ok = (h * f0 < sr / 2) & (f0 > 0)
    n = torch.arange(len(x), dtype=x.dtype) - len(x) // 2
    a = 2 * torch.pi * f0 / sr * n[:, None] * h[ok]
    c = torch.zeros(harmonics, dtype=torch.complex64 if x.dtype == torch.float32 else torch.complex128)
    if not ok.any():
        return c, x
    B = torch.cat((a.cos(), -a.sin()), 1)
    s = torch.linalg.lstsq(B, x.unsqueeze(1)).solution.squeeze(1)
    c[ok] = torch.complex(*s.chunk(2))
    return c, x - B @ s
