"""Rounded to whole samples

Expect: the lengths are rounded
"""

import torch


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    f = 440 * 2 ** ((midi - 69) / 12)
    q = 1 / (2 ** (1 / bins_per_octave) - 1)
    return (q * cw * sr / f).round()
