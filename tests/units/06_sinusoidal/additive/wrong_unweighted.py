"""Amplitudes ignored

Expect: the amplitudes were ignored
"""

import torch

from course_lib import signal


def additive(frequency, amplitude, phase, sr, hop):
    samples = (frequency.shape[-1] - 1) * hop + 1
    f = signal.interpolate_frames(frequency, hop, samples)
    turns = torch.cumsum(f.double() / sr, -1) - f[..., :1].double() / sr
    angle = 2 * torch.pi * turns + phase[..., None]
    return ((f < sr / 2) * torch.cos(angle)).sum(-2)
