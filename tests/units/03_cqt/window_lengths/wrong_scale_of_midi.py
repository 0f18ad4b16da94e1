"""bins_per_octave used in the MIDI formula

Expect: MIDI numbers count semitones, 12 to the octave
"""

import torch


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    f = 440 * 2 ** ((midi - 69) / bins_per_octave)
    q = 1 / (2 ** (1 / bins_per_octave) - 1)
    return q * cw * sr / f
