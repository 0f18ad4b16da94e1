"""the spectrum folded in place of skipped samples"""

import torch


def first_order(x, wavelets, low_pass, hop):
    n, frames = wavelets.shape[-1], x.shape[-1] // hop + 1
    u = torch.fft.ifft(torch.einsum("...n,fn->...fn", torch.fft.fft(x, n), wavelets)).abs()
    folded = (torch.fft.fft(u) * low_pass).unflatten(-1, (hop, n // hop)).mean(-2)
    return torch.fft.ifft(folded).real[..., :frames]
