"""One mean envelope of the modulator

Expect: has one envelope for the whole sound
"""

import torch

from course_lib import signal


def cross_synthesis(carrier, modulator, cutoff, n_fft=1024, hop=256):
    X, M = signal.stft(carrier, n_fft, hop), signal.stft(modulator, n_fft, hop)
    gx, gm = signal.spectral_envelope(X, cutoff), signal.spectral_envelope(M, cutoff)
    Y = X * torch.exp(gm.mean(-1, keepdim=True) - gx)
    return signal.istft(Y, hop, length=carrier.shape[-1])
