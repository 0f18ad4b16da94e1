"""n_fft not used

Expect: n_fft was not used
"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    n_fft = x.shape[-1]
    c = torch.fft.ifft(torch.log(torch.fft.fft(x).abs().clamp(min=1e-10))).real
    q = torch.arange(n_fft)
    return torch.fft.rfft(c * (torch.minimum(q, n_fft - q) < cutoff)).real
