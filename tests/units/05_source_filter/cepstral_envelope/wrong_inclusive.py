"""The cutoff counted as slow

Expect: `cutoff` itself counts as fast
"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    c = torch.fft.ifft(torch.log(torch.fft.fft(x, n_fft).abs().clamp(min=1e-10))).real
    q = torch.arange(n_fft)
    slow = torch.minimum(q, n_fft - q) <= cutoff
    return torch.fft.rfft(c * slow).real
