"""Phase of the modulator

Expect: phase is the modulator
"""

import torch

from course_lib import signal


def cross_synthesis(carrier, modulator, cutoff, n_fft=1024, hop=256):
    X, M = signal.stft(carrier, n_fft, hop), signal.stft(modulator, n_fft, hop)
    E_x, E_m = (signal.spectral_envelope(Z, cutoff) for Z in (X, M))
    Y = torch.polar(X.abs() * torch.exp(E_m - E_x), M.angle())
    return signal.istft(Y, hop, length=carrier.shape[-1])
