"""By torch.stft and torch.istft"""

import torch


def griffin_lim(magnitude, phase, hop, iterations):
    n_fft, length = 2 * (magnitude.shape[-2] - 1), hop * (magnitude.shape[-1] - 1)
    shape = magnitude.shape
    w = torch.hann_window(n_fft, dtype=magnitude.dtype)
    S, angle = (t.reshape(-1, *shape[-2:]) for t in (magnitude, phase))
    for i in range(iterations + 1):
        x = torch.istft(torch.polar(S, angle), n_fft, hop, window=w, length=length)
        if i < iterations:
            angle = torch.stft(x, n_fft, hop, window=w, pad_mode="constant", return_complex=True).angle()
    return x.reshape(*shape[:-2], length)
