"""The demo's class: what is handed in, and the reasons that are given for what nbgrader made of it."""

import json

import nbformat
import pytest
from nbformat.v4 import new_output
from tiny_course import TinyCourse

from autograder.processes import Completed
from autograder.release import make_release
from autograder.sample_class import as_expected, reasons, small_class, total
from autograder.stock import CellScore


@pytest.fixture
def audited(tmp_path):
    return TinyCourse(tmp_path).read()


@pytest.fixture
def submissions(audited):
    return {s.student: s for s in small_class(audited, make_release(audited.solved))}


def test_every_kind_is_there(submissions):
    assert {name.split("_")[0] for name in submissions} == {"right", "wrong", "damaged", "empty"}


def test_files_are_what_they_say(submissions):
    with pytest.raises(json.JSONDecodeError):
        json.loads(submissions["damaged_file"].notebook)
    assert not any(cell.metadata for cell in submissions["damaged_metadata"].notebook.cells)
    names = [c.metadata.get("nbgrader", {}).get("grade_id") for c in submissions["damaged_cells"].notebook.cells]
    assert "double" in names
    assert "test_double" not in names
    for name in ("right", "wrong_once", "empty"):
        nbformat.validate(submissions[name].notebook)
    code = "".join(c.source for c in submissions["empty"].notebook.cells)
    assert "2 * x" not in code
    assert "HIDDEN" not in code
    assert any("Expect:" in c.source for c in submissions["wrong_everywhere"].notebook.cells)


def graded(submission, *, score, output=None):
    """As if nbgrader had graded it."""
    submission.completed = Completed(0, "", 1.0, 0)
    submission.scores = {"test_double": CellScore("test_double", score, 2.0, score is None)}
    submission.graded = submission.notebook
    for cell in submission.graded.cells:
        if output and cell.metadata.get("nbgrader", {}).get("grade_id") == "test_double":
            cell.outputs = [output]
    return submission


def test_reason_is_the_message_of_the_check(audited, submissions):
    error = new_output("error", ename="CheckFailed", evalue="it was squared.", traceback=[])
    wrong = graded(submissions["wrong_once"], score=0.0, output=error)
    assert list(reasons(audited, wrong)) == [("double", "it was squared.")]
    assert total(audited, wrong) == (0.0, 2.0)


def test_reasons_of_damaged_files(audited, submissions):
    broken = submissions["damaged_file"]
    log = "Traceback\n  File x\nnbformat.reader.NotJSONError: Notebook does not appear to be JSON\n[App] removing"
    broken.completed = Completed(1, log, 1.0, 0)
    assert "does not appear to be JSON" in dict(reasons(audited, broken))["(whole file)"]
    stripped = graded(submissions["damaged_metadata"], score=None)
    assert "metadata" in dict(reasons(audited, stripped))["(whole file)"]
    deleted = graded(submissions["damaged_cells"], score=None)
    assert "test_double is missing" in dict(reasons(audited, deleted))["double"]


@pytest.mark.parametrize(("student", "score", "good"), [
    ("right", 2.0, True), ("right", 0.0, False), ("wrong_once", 2.0, False), ("wrong_once", 0.0, True),
    ("empty", 0.0, True), ("empty", 2.0, False), ("damaged_cells", 2.0, False), ("damaged_cells", None, True),
])
def test_demo_fails_when_the_scores_are_not_what_they_should_be(audited, submissions, student, score, good):
    assert as_expected(audited, [graded(submissions[student], score=score)]) is good
