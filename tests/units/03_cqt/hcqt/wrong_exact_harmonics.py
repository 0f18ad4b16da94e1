"""The library call, whose layers lie exactly at h·f_min

Expect: the layers lie at exactly
"""

from course_lib import signal


def hcqt(x, sr, harmonics, f_min, n_bins, bins_per_octave, hop):
    return signal.hcqt(x, sr, harmonics=harmonics, hop=hop, f_min=f_min, n_bins=n_bins, bins_per_octave=bins_per_octave)
