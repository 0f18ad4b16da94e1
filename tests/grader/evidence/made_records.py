"""Records, made by hand, for the tests of the evidence."""

import nbformat

from autograder.evidence.record import Conditions, Record
from autograder.evidence.results import Graded
from autograder.model.examination import CellFault, CheckResult, Examination
from autograder.model.submission import Repair, Submission

KEY = b"a key of the tests"


def make_record(student="anna", score=3.0, *, key=None, message="Your window is symmetric.", seconds=1.25):
    """A record of one passed or wrong check and one question in words."""
    notebook = nbformat.v4.new_notebook()
    repairs = (Repair("Found by its text.", "stft", doubtful=True),)
    submission = Submission(
        student, f"{student.title()} Öz\ud800", "ab" * 32, (), {"stft": "def stft(x):\n    return x", "why": None},
        repairs, notebook, "2026-11-01T12:00:00+01:00", "folder/x.ipynb",
    )
    results = (
        CheckResult("test_stft", "stft", 3.0, score, "passed" if score == 3.0 else "wrong", message, "✓"),
        CheckResult("why", "why", 2.0, None, "manual"),
    )
    examination = Examination(results, (CellFault("cell 4", None, "wrong", "NameError"),), "bwrap", "out\x1b[31m", 9,
                              seconds, {"test_stft": 0.5}, 1 << 20, 1)
    conditions = Conditions(key or f"key-{student}-{score}", "r", "t", "e", "1", "s", {"processes": 64}, 1.0,
                            {"weights": "cd"}, "2026-11-02T00:00:00+00:00", "worker 1")
    return Record.make("02_stft", submission, examination, conditions, ("look",))


def make_graded(*args, **kwargs):
    """The same as a stored result."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("s = '\ud800 ü'")])
    return Graded(make_record(*args, **kwargs), notebook)
