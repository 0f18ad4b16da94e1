"""c[-cutoff:] kept

Expect: one quefrency too many is kept at the upper end
"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    c = torch.fft.ifft(torch.log(torch.fft.fft(x, n_fft).abs().clamp(min=1e-10))).real
    q = torch.arange(n_fft)
    slow = (q < cutoff) | (q >= n_fft - cutoff)
    return torch.fft.rfft(c * slow).real
