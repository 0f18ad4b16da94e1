"""Bands of magnitudes, squared afterwards

Expect: squared after it
"""

import torch

from course_lib import signal


def mfcc(x, sr, n_mfcc=13, n_mels=40, n_fft=512, hop=160):
    P = signal.stft(x, n_fft, hop).abs()
    L = torch.log((signal.mel_filterbank(n_mels, n_fft, sr, scale="htk", dtype=x.dtype) @ P) ** 2 + 1e-6)
    k = torch.arange(n_mfcc, dtype=x.dtype)[:, None]; i = torch.arange(n_mels, dtype=x.dtype)
    D = torch.cos(torch.pi * k * (i + 0.5) / n_mels) * (2 / n_mels) ** 0.5
    D[0] = (1 / n_mels) ** 0.5
    return D @ L
