import pytest
from mini import write_course

from autograder.course import Course


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A checkout of the small course, with the working directory in it."""
    write_course(tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def course(root):
    return Course.load(root)
