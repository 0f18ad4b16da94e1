"""By the library, which reaches as far down as up in hertz

Expect: a fixed share of the frequency
"""

import numpy as np

from course_lib import signal


def track(frames, max_cents, sleep, shortest):
    found = []
    for peaks in frames:
        table = np.array(peaks, float).reshape(-1, 2)
        found.append(signal.Peaks(table[:, 0], table[:, 1], np.zeros(len(table))))
    reach = 2 ** (max_cents / 1200) - 1
    partials = signal.track_partials(found, max_jump=reach, sleep=sleep, shortest=shortest)
    return [list(zip(p.frames, p.frequency, p.amplitude, strict=True)) for p in partials]
