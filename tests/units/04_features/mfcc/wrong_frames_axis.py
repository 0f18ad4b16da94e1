"""The DCT along the frames

Expect: the DCT runs along the frames
"""

import numpy as np
import scipy.fft

from course_lib import signal


def mfcc(x, sr, n_mfcc=13, n_mels=40, n_fft=512, hop=160):
    bands = signal.log_mel(x, sr, n_fft=n_fft, hop=hop, n_mels=n_mels)
    return scipy.fft.dct(bands.numpy(), norm="ortho")[..., :n_mfcc, :]
