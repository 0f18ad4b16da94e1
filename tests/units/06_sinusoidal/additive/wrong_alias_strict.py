"""Sounds at sr/2

Expect: fold back
"""

import math
import torch
from course_lib import signal


def additive(frequency, amplitude, phase, sr, hop):
    n = (frequency.shape[-1] - 1) * hop + 1
    f = signal.interpolate_frames(frequency.double(), hop, n)
    A = signal.interpolate_frames(amplitude.double(), hop, n)
    turns = torch.cumsum(f / sr, -1)
    turns = turns - turns[..., :1]
    phi = 2 * math.pi * (turns % 1) + phase.double()[..., None]
    A = torch.where(f > sr / 2, torch.zeros_like(A), A)
    return (A * torch.cos(phi)).sum(-2).to(frequency.dtype)
