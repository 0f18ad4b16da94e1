"""Every iteration begins anew

Expect: begins anew
"""

import torch

from course_lib import signal


def griffin_lim(magnitude, phase, hop, iterations):
    n_fft = 2 * (magnitude.shape[-2] - 1)
    x = signal.istft(torch.polar(magnitude, phase), hop)
    first = x
    for _ in range(iterations):
        X = signal.stft(first, n_fft, hop)
        x = signal.istft(torch.polar(magnitude, X.angle()), hop)
    return x
