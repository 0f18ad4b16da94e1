"""The fast version

Expect: it has momentum
"""

from course_lib import signal


def griffin_lim(magnitude, phase, hop, iterations):
    return signal.griffin_lim(magnitude, hop, phase=phase, iterations=iterations, momentum=0.99)
