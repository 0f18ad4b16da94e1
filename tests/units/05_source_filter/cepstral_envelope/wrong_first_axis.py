"""The slice of the lifter cuts frames

Expect: Does the slice cut the last axis
"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    c = torch.fft.ifft(torch.fft.fft(x, n_fft).abs().clamp(min=1e-10).log()).real
    c[cutoff : n_fft - cutoff + 1] = 0
    return torch.fft.fft(c).real[..., : n_fft // 2 + 1]
