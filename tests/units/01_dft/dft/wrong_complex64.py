"""complex64 at the end

Expect: should be complex128
"""

import torch


def dft(x, inverse=False):
    x = x.to(torch.complex128)
    return (torch.fft.ifft(x) if inverse else torch.fft.fft(x)).to(torch.complex64)
