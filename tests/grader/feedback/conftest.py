import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "pages"))

from graded_class import assignment, course_in


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A checkout with the percent sources only; tests may write below its build/."""
    return course_in(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def given(course):
    """The instructor's side of unit 02_stft."""
    return assignment(course)
