"""f_min and f_max cut to whole numbers

Expect: cut to whole numbers
"""

import torch

from course_lib import signal


def mel_filterbank(n_mels, n_fft, sr, f_min, f_max, scale="fant"):
    low, high = (signal.hz_to_mel(torch.tensor([int(f)]), scale=scale) for f in (f_min, f_max))
    e = signal.mel_to_hz(low + (high - low) * torch.linspace(0, 1, n_mels + 2), scale=scale)[:, None]
    f = torch.arange(n_fft // 2 + 1) * sr / n_fft
    return torch.clamp(torch.minimum((f - e[:-2]) / (e[1:-1] - e[:-2]), (e[2:] - f) / (e[2:] - e[1:-1])), min=0)
