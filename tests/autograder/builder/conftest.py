import sys
from pathlib import Path

import pytest

from autograder.course import Course

sys.path.insert(0, str(Path(__file__).parent))

from mini import write_course


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A checkout of the small course, with the working directory in it."""
    write_course(tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def course(root):
    return Course.load(root)
