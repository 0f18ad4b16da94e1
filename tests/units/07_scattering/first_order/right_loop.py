"""one filter after the other, rfft for the average"""

import torch


def first_order(x, wavelets, low_pass, hop):
    n, samples = wavelets.shape[-1], x.shape[-1]
    X = torch.fft.fft(x, n=n)
    rows = []
    for psi in wavelets:
        u = torch.fft.ifft(X * psi).abs()
        smooth = torch.fft.irfft(torch.fft.rfft(u) * low_pass[: n // 2 + 1], n)
        rows.append(smooth[..., torch.arange(0, samples + 1, hop)])
    return torch.stack(rows, dim=-2)
