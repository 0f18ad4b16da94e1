"""the energy spectrum of real and imaginary parts"""

import torch


def littlewood_paley(wavelets, low_pass):
    psi = torch.fft.ifft(wavelets)
    parts = torch.cat([psi.real, psi.imag, torch.fft.ifft(low_pass)[None].real])
    return torch.fft.fft(parts).abs().square().sum(0)
