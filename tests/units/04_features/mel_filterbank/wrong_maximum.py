"""The larger slope

Expect: it is the larger of the two slopes
"""

import torch

from course_lib import signal


def mel_filterbank(n_mels, n_fft, sr, f_min, f_max, scale="fant"):
    ends = signal.hz_to_mel(torch.tensor([f_min, f_max], dtype=torch.float64), scale=scale)
    edges = signal.mel_to_hz(torch.linspace(float(ends[0]), float(ends[1]), n_mels + 2, dtype=torch.float64), scale=scale)
    f = torch.arange(n_fft // 2 + 1, dtype=torch.float64) * sr / n_fft
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bank = torch.maximum((f - left) / (centre - left), (right - f) / (right - centre)).clamp(min=0)
    return bank
