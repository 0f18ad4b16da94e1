"""One open sandbox for all tests of the tiny assignment, at level "none": what is tried here is the examiner."""

import pytest
import tiny
from by_hand import ROOT, submission
from tiny import LIMITS

from autograder.examine import Examiner
from autograder.sandbox import open_sandbox


@pytest.fixture(scope="session")
def sandbox():
    with open_sandbox("none", setup=tiny.SETUP, preload=(), roots=(ROOT,), limits=LIMITS) as opened:
        yield opened


@pytest.fixture(scope="session")
def examiner(sandbox):
    with Examiner(tiny.assignment(), sandbox=sandbox, limits=LIMITS, secret=b"secret") as one:
        yield one


@pytest.fixture(scope="session")
def examine(examiner, sandbox):
    """Examine the model solutions with some answers replaced (None: taken away)."""

    def run(answers=None, *, tests=None, limits=LIMITS, secret=b"secret", extra_time=1.0, **more):
        one = examiner
        if tests or limits is not LIMITS or secret != b"secret":
            one = Examiner(tiny.assignment(tests), sandbox=sandbox, limits=limits, secret=secret)
        handed_in = submission(one.assignment, tiny.SOLUTIONS | (answers or {}), **more)
        return one.examine(handed_in, extra_time=extra_time)

    return run


@pytest.fixture
def bwrap_or_skip():
    """Skip, and say why, where bubblewrap cannot be used."""
    from autograder.errors import CourseError
    from autograder.sandbox import open_sandbox

    def need():
        try:
            open_sandbox("bwrap", setup="", preload=(), roots=(ROOT,), limits=LIMITS).close()
        except CourseError as error:
            pytest.skip(f"bubblewrap is not usable here: {error}")

    return need
