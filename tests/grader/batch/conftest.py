import pytest
from little_course import write_course

from autograder.course import Course
from autograder.grade.task import Setting, Task, result_key
from autograder.model.assignment import Assignment
from autograder.model.limits import Limits


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one little unit, with the working directory in it."""
    write_course(tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return Course.load()


@pytest.fixture
def assignment(course):
    return Assignment.read(course, course.unit("02"))


@pytest.fixture
def setting(assignment, course):
    return Setting.make(assignment, sandbox="auto", limits=Limits(), seed_key=b"\x00\xffkey", roots=(course.root,))


@pytest.fixture
def task(setting):
    def make(handed_in, extra_time=1.0):
        return Task(result_key(handed_in, extra_time, setting), handed_in, extra_time)

    return make
