"""M points, half filters at the ends

Expect: M + 2
"""

import torch

from course_lib import signal


def mel_filterbank(n_mels, n_fft, sr, f_min, f_max, scale="fant"):

    lo, hi = (float(signal.hz_to_mel(torch.tensor([float(f)]), scale=scale)) for f in (f_min, f_max))
    e = signal.mel_to_hz(torch.linspace(lo, hi, n_mels), scale=scale)
    e = torch.cat([e[:1] - 1e-3, e, e[-1:] + 1e-3])
    f = torch.arange(n_fft // 2 + 1) * sr / n_fft
    a, c, b = e[:-2, None], e[1:-1, None], e[2:, None]
    return torch.minimum((f - a) / (c - a), (b - f) / (b - c)).clamp(min=0)
