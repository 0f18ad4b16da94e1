"""Twelve bins per octave fixed in Q

Expect: use the argument `bins_per_octave`
"""

import torch


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    f = 440 * 2 ** ((midi - 69) / 12)
    q = 1 / (2 ** (1 / 12) - 1)
    return q * cw * sr / f
