"""By the library of the course"""

from course_lib import signal


def formants(a, sr, max_bandwidth=700.0):
    return signal.formants(a, sr, max_bandwidth=max_bandwidth)
