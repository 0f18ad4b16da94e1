"""The estimate's magnitude multiplied in

Expect: multiplied in
"""

import torch

from course_lib import signal


def griffin_lim(magnitude, phase, hop, iterations):
    n_fft = 2 * (magnitude.shape[-2] - 1)
    x = signal.istft(torch.polar(magnitude, phase), hop)
    for _ in range(iterations):
        X = signal.stft(x, n_fft, hop)
        x = signal.istft(magnitude * X, hop)
    return x
