"""One side of the cepstrum, doubled with quefrency 0

Expect: counts once
"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    mag = torch.fft.fft(x, n_fft).abs()
    logmag = torch.log(mag.clamp(min=1e-10))
    c = torch.fft.ifft(logmag).real
    q = torch.arange(n_fft)
    keep = 2.0 * (q < cutoff)
    return torch.fft.fft(c * keep).real[..., : n_fft // 2 + 1]
