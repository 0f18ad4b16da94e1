"""Private random inputs: another seed for each student and exercise, the same one whenever it is graded again."""

import hashlib
import hmac
from collections.abc import Callable

from numpy.random import Generator

from course_lib.checks.core.rng import seeded_rng


def private_seed(secret: bytes, assignment: str, exercise: str, student: str) -> str:
    """The private seed of one student's exercise: an HMAC, from which the secret cannot be found."""
    text = "\0".join((assignment, exercise, student))
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def rng_from(seed: str) -> Callable[[str], Generator]:
    """What `grading_rng` is in a graded cell."""

    def grading_rng(purpose: str = "") -> Generator:
        return seeded_rng(seed, purpose)

    return grading_rng
