"""One iteration too few

Expect: one iteration too few
"""

import torch

from course_lib import signal


def griffin_lim(magnitude, phase, hop, iterations):
    n_fft = 2 * (magnitude.shape[-2] - 1)
    x = signal.istft(torch.polar(magnitude, phase), hop)
    for _ in range(iterations - 1):
        X = signal.stft(x, n_fft, hop)
        x = signal.istft(magnitude * torch.exp(1j * X.angle()), hop)
    return x
