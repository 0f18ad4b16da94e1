"""Einsum in float64"""

import torch

from course_lib import signal


def mfcc(x, sr, n_mfcc=13, n_mels=40, n_fft=512, hop=160):

    x = x.double()
    P = signal.stft(x, n_fft, hop).abs() ** 2
    L = torch.log(signal.mel_filterbank(n_mels, n_fft, sr, scale="htk", dtype=x.dtype) @ P + 1e-6)

    k = torch.arange(n_mfcc).double(); i = torch.arange(n_mels).double()
    s = torch.full((n_mfcc,), (2 / n_mels) ** 0.5).double(); s[0] = n_mels ** -0.5
    D = s[:, None] * torch.cos(torch.pi / n_mels * torch.outer(k, i + 0.5))
    return torch.einsum("ki,...it->...kt", D, L)
