"""The library"""

from course_lib import signal


def smallest_length(low, high, sr, name, longest=4096):
    return signal.smallest_length(low, high, sr, name, longest)
