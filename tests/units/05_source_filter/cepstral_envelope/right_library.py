"""By the library of the course"""

from course_lib import signal


def cepstral_envelope(x, cutoff, n_fft):
    return signal.cepstral_envelope(x, cutoff, n_fft)
