"""irfft without its length

Expect: irfft made n_fft − 1 quefrencies
"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    c = torch.fft.irfft(torch.log(torch.fft.rfft(x, n_fft).abs().clamp(min=1e-10)))
    q = torch.arange(c.shape[-1])
    return torch.fft.rfft(c * (torch.minimum(q, c.shape[-1] - q) < cutoff)).real
