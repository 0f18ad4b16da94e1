"""Q = 1/2^(1/B), without the − 1

Expect: the − 1 is missing
"""


def window_lengths(midi, sr, bins_per_octave=12, cw=2.0):
    f = 440 * 2 ** ((midi - 69) / 12)
    return cw * sr / (f * 2 ** (1 / bins_per_octave))
