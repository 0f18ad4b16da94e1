"""Q from both neighbours, librosa's convention

Expect: Q looks at both neighbours
"""

import torch


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    f = 440 * 2 ** ((midi - 69) / 12)
    q = (2 ** (2 / bins_per_octave) + 1) / (2 ** (2 / bins_per_octave) - 1)
    return q * cw * sr / f
