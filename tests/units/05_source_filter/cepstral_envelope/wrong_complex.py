"""A complex envelope

Expect: should be real
"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    mag = torch.fft.fft(x, n_fft).abs()
    logmag = torch.log(mag.clamp(min=1e-10))
    c = torch.fft.ifft(logmag).real
    q = torch.arange(n_fft)
    keep = (q < cutoff) | (n_fft - q < cutoff)
    return torch.fft.fft(c * keep)[..., : n_fft // 2 + 1]
