"""A bank of n_mfcc filters

Expect: the bank has n_mfcc filters
"""

import torch

from course_lib import signal


def mfcc(x, sr, n_mfcc=13, n_mels=40, n_fft=512, hop=160):
    P = signal.stft(x, n_fft, hop).abs() ** 2
    L = torch.log(signal.mel_filterbank(n_mfcc, n_fft, sr, scale="htk", dtype=x.dtype) @ P + 1e-6)
    k = torch.arange(n_mfcc, dtype=x.dtype)[:, None]; i = torch.arange(n_mfcc, dtype=x.dtype)
    D = torch.cos(torch.pi * k * (i + 0.5) / n_mfcc) * (2 / n_mfcc) ** 0.5
    D[0] = (1 / n_mfcc) ** 0.5
    return D @ L
