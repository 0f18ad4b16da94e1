"""The demo's class: what is handed in, how it is packed, and when a score is unfair."""

import io
import json
import zipfile

import nbformat
import pytest
from tiny_course import TinyCourse

from autograder.release import make_release
from autograder.sample_class import ALL, NONE, SOME, Student, as_download, fair, small_class


@pytest.fixture
def audited(tmp_path):
    return TinyCourse(tmp_path).read()


@pytest.fixture
def students(audited):
    return {s.student: s for s in small_class(audited, make_release(audited.solved))}


def test_every_kind_is_there(students):
    assert {name.split("_")[0] for name in students} == {"right", "wrong", "damaged", "cheat", "empty"}
    assert {one.deserves for one in students.values()} == {ALL, SOME, NONE}


def test_files_are_what_they_say(students):
    with pytest.raises(json.JSONDecodeError):
        json.loads(students["damaged_file"].notebook)
    assert not any(cell.metadata for cell in students["damaged_metadata"].notebook.cells)
    names = [c.metadata.get("nbgrader", {}).get("grade_id") for c in students["damaged_cells"].notebook.cells]
    assert "double" in names
    assert "test_double" not in names
    for name in ("right", "wrong_once", "cheat_equal", "cheat_patch", "empty"):
        nbformat.validate(students[name].notebook)
    code = "".join(c.source for c in students["empty"].notebook.cells)
    assert "2 * x" not in code
    assert "HIDDEN" not in code
    assert "def double" in "".join(c.source for c in students["cheat_equal"].notebook.cells)


def test_the_download_is_what_moodle_sends(students):
    archive = zipfile.ZipFile(io.BytesIO(as_download(list(students.values()), "01_tiny")))
    assert len(archive.namelist()) == len(students)
    assert archive.namelist()[0] == "right_4701_assignsubmission_file_/01_tiny.ipynb"
    assert archive.testzip() is None


@pytest.mark.parametrize(("deserves", "score", "good"), [
    (ALL, 2.0, True), (ALL, 1.0, False), (SOME, 1.0, True), (SOME, 2.0, False), (SOME, 0.0, False), (NONE, 0.0, True),
    (NONE, 0.5, False),
])
def test_the_demo_fails_when_a_score_is_unfair(deserves, score, good):
    assert fair(Student("s", "", "", deserves), score, 2.0) is good
