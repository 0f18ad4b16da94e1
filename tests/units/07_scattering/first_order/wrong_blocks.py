"""Means over blocks

Expect: averaged over blocks
"""

import torch


def first_order(x, wavelets, low_pass, hop):
    n, samples = wavelets.shape[-1], x.shape[-1]
    u = torch.fft.ifft(torch.fft.fft(x, n).unsqueeze(-2) * wavelets).abs()
    frames = samples // hop + 1
    u = torch.nn.functional.pad(u, (0, hop * frames))[..., : frames * hop]
    return u.unflatten(-1, (frames, hop)).mean(-1)
