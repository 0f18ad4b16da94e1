"""A loop over the frames, in numpy"""

import numpy as np


def stft(x, n_fft=1024, hop=256):
    w = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    x = np.asarray(x)
    edge = np.zeros((*x.shape[:-1], n_fft // 2))
    padded = np.concatenate([edge, x, edge], axis=-1)
    frames = [padded[..., s : s + n_fft] for s in range(0, padded.shape[-1] - n_fft + 1, hop)]
    return np.stack([np.fft.rfft(w * f, axis=-1) for f in frames], axis=-1)
