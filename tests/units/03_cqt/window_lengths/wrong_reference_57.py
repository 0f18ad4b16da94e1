"""440 Hz given to MIDI 57

Expect: is 57 in your formula
"""


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    f = 440 * 2 ** ((midi - 57) / 12)
    return cw * sr / (f * (2 ** (1 / bins_per_octave) - 1))
