"""Frames rotated before the FFT

Expect: from the middle of each frame
"""

import torch
from torch import nn


def stft(x, n_fft=1024, hop=256):
    padded = nn.functional.pad(x, (n_fft // 2, n_fft // 2))
    frames = padded.unfold(-1, n_fft, hop) * torch.hann_window(n_fft, dtype=x.dtype)
    return torch.fft.rfft(frames.roll(-(n_fft // 2), -1)).mT
