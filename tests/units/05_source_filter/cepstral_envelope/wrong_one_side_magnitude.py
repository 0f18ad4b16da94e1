"""One side of the cepstrum, and the magnitude of the result

Expect: magnitude taken of what became complex
"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    mag = torch.fft.fft(x, n_fft).abs()
    logmag = torch.log(mag.clamp(min=1e-10))
    c = torch.fft.ifft(logmag).real
    q = torch.arange(n_fft)
    keep = q < cutoff
    return torch.fft.fft(c * keep).abs()[..., : n_fft // 2 + 1]
