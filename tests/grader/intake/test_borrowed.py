"""Answers that borrow the oracle of their own check are flagged; those that only run the check are not."""

import pytest

from autograder.intake.borrowed import borrowed, reaches_inside
from autograder.model.submission import Step


@pytest.mark.parametrize("source", [
    "def f(x): return checks.start._level(x)",
    "from course_lib.checks.stft import oracle",
    "import course_lib.checks.start as s",
    "import course_lib\ndef f(x): return course_lib.checks.stft.oracle.stft(x)",
    "m = importlib.import_module('course_lib.' + 'checks.start')",
    "from course_lib.checks.core.compare import expect_close",
    "o = checks.stft.oracle",
])
def test_reaches_inside(source):
    assert reaches_inside(source)


@pytest.mark.parametrize("source", [
    "checks.start.rms_dbfs(rms_dbfs)",
    "from course_lib import checks",
    "try:\n    checks.start.rms_dbfs(f)\nexcept checks.CheckFailed as e:\n    print(e)",
    "rng = checks.grading_rng()",
    "# checks._level",
    "x = my._level",
    "self._checks = 1",
    "checks = [1]\nchecks[0]",
    "checks._level(",
    "x = " + "(" * 10_000 + "checks._level",
])
def test_does_not(source):
    assert not reaches_inside(source)


def test_only_what_the_answers_need():
    inside = "level = checks.start._level"
    steps = [Step("lesson", inside, "cell 1"), Step("extra", inside, "cell 2", needed=False)]
    assert borrowed(steps) == []
    (note,) = borrowed([Step("answer", inside, "rms_dbfs", "rms_dbfs")])
    assert note.doubtful
    assert note.grade_id == "rms_dbfs"
