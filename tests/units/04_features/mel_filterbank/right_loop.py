"""one filter after the other, with np.interp"""

import numpy as np

from course_lib import signal


def mel_filterbank(n_mels, n_fft, sr, f_min, f_max, scale="fant"):
    low, high = signal.hz_to_mel(np.array([f_min, f_max], dtype=np.float64), scale=scale)
    bins = np.fft.rfftfreq(n_fft, 1 / sr)
    bank = np.zeros((n_mels, len(bins)))
    for m in range(n_mels):
        mels = low + (high - low) * np.arange(m, m + 3) / (n_mels + 1)
        bank[m] = np.interp(bins, signal.mel_to_hz(mels, scale=scale), [0, 1, 0])
    return bank
