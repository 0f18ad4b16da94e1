"""the library function"""

from course_lib import signal


def zero_crossing_rate(x, length=1024, hop=256):
    return signal.zero_crossing_rate(x, length, hop)
