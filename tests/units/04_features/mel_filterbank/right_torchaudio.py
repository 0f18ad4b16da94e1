"""torchaudio for its scales, the slopes by hand for Fant"""

import torch

from course_lib import signal


def mel_filterbank(n_mels, n_fft, sr, f_min, f_max, scale="fant"):
    if scale != "fant":
        from torchaudio.functional import melscale_fbanks

        return melscale_fbanks(n_fft // 2 + 1, f_min, f_max, n_mels, sr, mel_scale=scale).T if n_fft % 2 == 0 else \
            slopes(n_mels, n_fft, sr, f_min, f_max, scale)
    return slopes(n_mels, n_fft, sr, f_min, f_max, scale)


def slopes(n_mels, n_fft, sr, f_min, f_max, scale):
    ends = signal.hz_to_mel(torch.tensor([f_min, f_max]), scale=scale)
    edges = signal.mel_to_hz(torch.linspace(float(ends[0]), float(ends[1]), n_mels + 2), scale=scale)
    f = torch.arange(n_fft // 2 + 1) * sr / n_fft
    up = (f[None] - edges[:-1, None]) / edges.diff()[:, None]
    return torch.minimum(up[:-1], 1 - up[1:]).clamp(min=0)
