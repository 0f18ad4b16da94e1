"""Smoothed without the logarithm

Expect: smoothed without its logarithm
"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    c = torch.fft.ifft(torch.fft.fft(x, n_fft).abs()).real
    q = torch.arange(n_fft)
    slow = torch.minimum(q, n_fft - q) < cutoff
    return torch.fft.rfft(c * slow).real
