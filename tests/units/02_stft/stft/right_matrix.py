"""As a product with the DFT matrix, in float64"""

import torch


def stft(x, n_fft=1024, hop=256):
    n = torch.arange(n_fft, dtype=torch.float64)
    k = torch.arange(n_fft // 2 + 1, dtype=torch.float64)[:, None]
    kernel = torch.exp(-2j * torch.pi * ((k * n) % n_fft) / n_fft) * torch.sin(torch.pi * n / n_fft) ** 2
    padded = torch.cat([x.new_zeros(*x.shape[:-1], n_fft // 2), x, x.new_zeros(*x.shape[:-1], n_fft // 2)], -1)
    frames = padded.unfold(-1, n_fft, hop).to(torch.complex128)
    return torch.einsum("kn,...mn->...km", kernel, frames)
