"""By recursion"""

import torch

from course_lib import signal


def griffin_lim(magnitude, phase, hop, iterations):
    x = signal.istft(magnitude * (torch.cos(phase) + 1j * torch.sin(phase)), hop)
    if iterations == 0:
        return x
    X = signal.stft(x, 2 * (magnitude.shape[-2] - 1), hop)
    return griffin_lim(magnitude, torch.atan2(X.imag, X.real), hop, iterations - 1)
