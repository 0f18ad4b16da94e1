"""Q from half of the distance between both neighbours

Expect: half of the distance between them
"""


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    f = 440 * 2 ** ((midi - 69) / 12)
    b = 2 ** (1 / bins_per_octave)
    return cw * sr / (f * (b - 1 / b) / 2)
