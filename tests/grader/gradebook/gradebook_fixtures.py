import shutil

import pytest
from classroom import make_course, read_assignment

from autograder.gradebook import GradeBook


@pytest.fixture(scope="session")
def first_course(tmp_path_factory):
    """The small course with its unit in the gradebook; nbgrader needs seconds to make a new database, so once."""
    made = make_course(tmp_path_factory.mktemp("first") / "course")
    assignment = read_assignment(made)
    with GradeBook(made) as book:
        book.ensure(assignment)
    return made, assignment


@pytest.fixture
def course(first_course, tmp_path, monkeypatch):
    """A copy of it in a folder of its own, with the working directory in it."""
    made = make_course(tmp_path / "course")
    (made.root / "build").mkdir()
    shutil.copy(first_course[0].root / "build/gradebook.db", made.root / "build")
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def assignment(first_course):
    """Its unit."""
    return first_course[1]


@pytest.fixture
def book(course, assignment):
    """The gradebook with the unit in it."""
    with GradeBook(course) as made:
        made.ensure(assignment)
        yield made
