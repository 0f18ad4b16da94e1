"""As a sum of cosines"""

import torch


def cepstral_envelope(x, cutoff, n_fft):
    log = torch.fft.rfft(x.double(), n_fft).abs().clamp(min=1e-10).log()
    c = torch.fft.irfft(log, n=n_fft)
    k = torch.arange(n_fft // 2 + 1, dtype=torch.float64)
    out = c[..., :1].expand(*x.shape[:-1], len(k)).clone()
    for q in range(1, cutoff):
        weight = 1 if 2 * q == n_fft else 2
        out = out + weight * c[..., q : q + 1] * torch.cos(2 * torch.pi * q * k / n_fft)
    return out.to(x.dtype)
