"""By the library of the course"""

from course_lib import signal


def stft(x, n_fft=1024, hop=256):
    return signal.stft(x, n_fft, hop)
