"""The tiny course in a temporary folder, and a warm process that has run its setup cell."""

import pytest
from tiny_course import SETUP, TinyCourse


@pytest.fixture
def tiny(tmp_path):
    return TinyCourse(tmp_path)


@pytest.fixture(scope="session")
def harness():
    """One warm process for all tests: its setup cell is the tiny course's."""
    from autograder.audit.harness import Harness

    with Harness(SETUP, workers=2) as running:
        yield running
