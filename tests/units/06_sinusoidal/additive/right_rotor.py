"""A rotor, turned sample by sample"""

import numpy as np


def additive(frequency, amplitude, phase, sr, hop):
    f, a, phase = (np.asarray(v, dtype=np.float64) for v in (frequency, amplitude, phase))
    samples = (f.shape[-1] - 1) * hop + 1
    at, frames = np.arange(samples) / hop, np.arange(f.shape[-1])

    def lines(values):
        flat = values.reshape(-1, values.shape[-1])
        return np.stack([np.interp(at, frames, row) for row in flat]).reshape(*values.shape[:-1], samples)

    f, a = lines(f), lines(a)
    turn = np.exp(2j * np.pi * f / sr)
    turn[..., 0] = np.exp(1j * phase)
    return np.where(f < sr / 2, a * np.cumprod(turn, -1).real, 0.0).sum(-2)
