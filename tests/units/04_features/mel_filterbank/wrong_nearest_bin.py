"""Edges rounded to the nearest bin

Expect: to the nearest
"""

import torch

from course_lib import signal


def mel_filterbank(n_mels, n_fft, sr, f_min, f_max, scale="fant"):
    lo, hi = (signal.hz_to_mel(torch.tensor([float(f)], dtype=torch.float64), scale=scale) for f in (f_min, f_max))
    e = signal.mel_to_hz(lo + (hi - lo) * torch.linspace(0, 1, n_mels + 2, dtype=torch.float64), scale=scale)

    e = torch.round(e * n_fft / sr) * sr / n_fft
    f = torch.arange(n_fft // 2 + 1, dtype=torch.float64) * sr / n_fft
    a, c, b = e[:-2, None], e[1:-1, None], e[2:, None]
    return torch.nan_to_num(torch.minimum((f - a) / (c - a), (b - f) / (b - c)).clamp(min=0))
