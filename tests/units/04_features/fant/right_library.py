"""the library functions"""

from course_lib import signal


def fant(value, inverse=False):
    return (signal.mel_to_hz if inverse else signal.hz_to_mel)(value, scale="fant")
