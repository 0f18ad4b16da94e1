"""Each harmonic by itself

Expect: solve for all at once
"""

import torch


def harmonic_fit(x, f0, sr, harmonics):
    gains = torch.zeros(harmonics, dtype=torch.complex128)
    used = sum(h * f0 < sr / 2 for h in range(1, harmonics + 1)) if f0 > 0 else 0
    n = torch.arange(len(x), dtype=torch.float64) - len(x) // 2
    angle = 2 * torch.pi * f0 / sr * n[:, None] * torch.arange(1, used + 1)
    basis = torch.cat([torch.cos(angle), -torch.sin(angle)], 1)
    solution = 2 / len(x) * (basis.T @ x.double())
    gains[:used] = torch.complex(solution[:used], solution[used:])
    return gains, x - basis @ solution
