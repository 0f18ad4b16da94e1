"""Pairs of complex exponentials"""

import torch


def harmonic_fit(x, f0, sr, harmonics):
    signal = x.to(torch.complex128)
    gains = torch.zeros(harmonics, dtype=torch.complex128)
    used = int(sum(h * f0 < sr / 2 for h in range(1, harmonics + 1))) * (f0 > 0)
    if used == 0:
        return gains, x
    n = torch.arange(len(x), dtype=torch.float64) - len(x) // 2
    h = torch.cat([torch.arange(1, used + 1), -torch.arange(1, used + 1)])
    waves = torch.exp(2j * torch.pi * f0 / sr * n[:, None] * h)
    c = torch.linalg.solve(waves.mH @ waves, waves.mH @ signal)
    gains[:used] = 2 * c[:used]
    return gains, (signal - waves @ c).real
