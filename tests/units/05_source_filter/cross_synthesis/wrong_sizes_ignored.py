"""1024 and 256 whatever was asked for

Expect: were ignored
"""

import torch

from course_lib import signal


def cross_synthesis(carrier, modulator, cutoff, n_fft=1024, hop=256):
    X, M = signal.stft(carrier, 1024, 256), signal.stft(modulator, 1024, 256)
    Y = X * torch.exp(signal.spectral_envelope(M, cutoff) - signal.spectral_envelope(X, cutoff))
    return signal.istft(Y, 256, length=carrier.shape[-1])
