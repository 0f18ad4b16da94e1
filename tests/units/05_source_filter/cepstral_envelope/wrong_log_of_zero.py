"""The logarithm of zero

Expect: log of zero is −∞
"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    c = torch.fft.ifft(torch.log(torch.fft.fft(x, n_fft).abs())).real
    q = torch.arange(n_fft)
    slow = torch.minimum(q, n_fft - q) < cutoff
    return torch.fft.rfft(c * slow).real
