"""All in float32"""

import torch


def window_shape(w):
    W = torch.fft.rfft(w.float(), 256 * len(w)).abs()
    W = W / W[0]
    width = 2 * (W > 0.5).sum() / 256
    return float(width), float(20 * torch.log10(W[1:][W.diff() > 0].max()))
