"""By the library of the course"""

from course_lib import signal


def cross_synthesis(carrier, modulator, cutoff, n_fft=1024, hop=256):
    return signal.cross_synthesis(carrier, modulator, n_fft, hop, cutoff=cutoff)
