"""A product of complex rotations"""

import math
import torch
from course_lib import signal


def additive(frequency, amplitude, phase, sr, hop):
    n = hop * (frequency.shape[-1] - 1) + 1
    f = signal.interpolate_frames(frequency.double(), hop, n)
    a = signal.interpolate_frames(amplitude.double(), hop, n) * (f < sr / 2)
    step = torch.exp(2j * math.pi / sr * f)
    step[..., 0] = torch.exp(1j * phase.double())
    return (a * torch.cumprod(step, -1)).real.sum(-2).to(amplitude.dtype)
