"""signal.lpc, which windows

Expect: as `signal.lpc` does
"""

from course_lib import signal


def lpc(x, order):
    return signal.lpc(x, order)
