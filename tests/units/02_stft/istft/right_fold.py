"""By torch.nn.functional.fold"""

import torch
from torch.nn.functional import fold


def istft(X, n_fft, hop, length):
    w = torch.hann_window(n_fft, dtype=X.real.dtype)
    batch, count = X.shape[:-2], X.shape[-1]
    frames = torch.fft.irfft(X, n=n_fft, dim=-2) * w[:, None]
    size = (1, (count - 1) * hop + n_fft)
    total = fold(frames.reshape(-1, n_fft, count), size, (1, n_fft), stride=(1, hop)).reshape(*batch, -1)
    weight = fold((w * w)[None, :, None].expand(1, n_fft, count), size, (1, n_fft), stride=(1, hop)).reshape(-1)
    start = n_fft // 2
    return total[..., start : start + length] / weight[start : start + length]
