"""Side lobes from one bin on

Expect: cut one bin from the middle
"""

import torch


def window_shape(w):
    padding = 256
    W = torch.fft.rfft(w.double(), padding * len(w)).abs()
    W = W / W[0]
    half = (W < 0.5).nonzero()[0]
    end = (W.diff() > 0).nonzero()[0]
    return float(2 * half / padding), float(20 * torch.log10(W[padding:].max()))
