"""The formula in place of a measurement

Expect: where the dip only begins
"""

import math

from course_lib import signal


def smallest_length(low, high, sr, name, longest=4096):
    width = float(signal.main_lobe_width(signal.window(name, 4096)))
    L = math.ceil(width * sr / (high - low))
    return L if L <= longest else 0
