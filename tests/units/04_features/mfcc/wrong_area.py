"""Filters of area 1

Expect: norm='slaney'
"""

import math

import torch

from course_lib import signal


def mfcc(x, sr, n_mfcc=13, n_mels=40, n_fft=512, hop=160):
    S = signal.stft(x, n_fft, hop).abs() ** 2
    bands = torch.log(signal.mel_filterbank(n_mels, n_fft, sr, scale="htk", norm="slaney", dtype=x.dtype) @ S + 1e-6)
    i, k = torch.arange(n_mels, dtype=x.dtype), torch.arange(n_mfcc, dtype=x.dtype)[:, None]
    C = math.sqrt(2 / n_mels) * torch.cos(math.pi * k * (i + 0.5) / n_mels)
    C[0] = math.sqrt(1 / n_mels)
    return C @ bands
