"""By the library of the course"""

from course_lib import signal


def istft(X, n_fft, hop, length):
    return signal.istft(X, hop, n_fft=n_fft, length=length)
