"""Frequency times time

Expect: when f moves that is not its sum
"""

import torch

from course_lib import signal


def additive(frequency, amplitude, phase, sr, hop):
    samples = (frequency.shape[-1] - 1) * hop + 1
    f = signal.interpolate_frames(frequency, hop, samples)
    a = signal.interpolate_frames(amplitude, hop, samples)
    turns = f.double() * torch.arange(samples) / sr
    angle = 2 * torch.pi * turns + phase[..., None]
    return (a * (f < sr / 2) * torch.cos(angle)).sum(-2)
