"""Windowed again

Expect: windowed again
"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    x = x * torch.hann_window(x.shape[-1], dtype=x.dtype)
    c = torch.fft.ifft(torch.log(torch.fft.fft(x, n_fft).abs().clamp(min=1e-10))).real
    q = torch.arange(n_fft)
    return torch.fft.rfft(c * (torch.minimum(q, n_fft - q) < cutoff)).real
