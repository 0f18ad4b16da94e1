"""440 Hz given to MIDI 60

Expect: MIDI 69 is not at 440 Hz
"""

import torch


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    f = 440 * 2 ** ((midi - 60) / 12)
    q = 1 / (2 ** (1 / bins_per_octave) - 1)
    return q * cw * sr / f
