"""Base-10 logarithm

Expect: logarithm to base 10
"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    c = torch.fft.ifft(torch.log10(torch.fft.fft(x, n_fft).abs().clamp(min=1e-10))).real
    q = torch.arange(n_fft)
    slow = torch.minimum(q, n_fft - q) < cutoff
    return torch.fft.rfft(c * slow).real
