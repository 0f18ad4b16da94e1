"""The fixtures of every test that reads a graded class; each folder imports them, and so has a course of its own."""

import pytest
from graded_class import assignment, course_in


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A checkout with the percent sources only; tests may write below its build/."""
    return course_in(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def given(course):
    """The instructor's side of unit 02_stft."""
    return assignment(course)
