"""Every malformed source is refused with its line and what to do, and nothing is written."""

import pytest
from mini import GAIN, MEAN

from autograder.cli import main
from autograder.course import CourseError
from autograder.source import read_source

ANSWER = '# %% nbgrader={"grade_id": "scale", "solution": true}'
TEST = '# %% nbgrader={"grade_id": "test_scale", "points": 2}'
EXPLAIN = '# %% [markdown] nbgrader={"grade_id": "explain_gain", "solution": true, "points": 2}'

FAULTS = {
    "typo in metadata": (ANSWER, ANSWER.replace("grade_id", "graded_id"), "without grade_id", ANSWER),
    "not JSON": (ANSWER, "# %% nbgrader={grade_id: scale", None, None),
    "duplicate": ("test_scale", "scale", "used twice, first in line 13", TEST),
    "no points": (', "points": 2}\nassert', "}\nassert", "test cell 'test_scale' has no points", TEST),
    "points of text": ('"points": 2}\nassert', '"points": "2"}\nassert', "points '2'", TEST),
    "negative": ('"points": 2}\nassert', '"points": -2}\nassert', "points -2", TEST),
    "points on answer": ('"scale", "solution": true', '"scale", "solution": true, "points": 1', "has points", ANSWER),
    "bad id": ('"scale"', '"my scale"', "grade_id is 'my scale'", ANSWER),
    "taken id": ('"scale"', '"setup"', "belongs to a generated cell", ANSWER),
    "no region": ("    ### BEGIN SOLUTION\n", "", "END SOLUTION without BEGIN", "    ### END SOLUTION"),
    "no markers": ("    ### BEGIN SOLUTION\n", "", None, None),
    "unbalanced": ("    ### END SOLUTION\n", "", "BEGIN SOLUTION without END", "    ### BEGIN SOLUTION"),
    "nested": ("    factor", "    ### BEGIN SOLUTION\n    factor", "inside BEGIN SOLUTION", None),
    "unended hidden": ("### END HIDDEN TESTS", "", "BEGIN HIDDEN TESTS without END", "### BEGIN HIDDEN TESTS"),
    "hidden elsewhere": ("x = np.ones(4)", "### BEGIN HIDDEN TESTS\nx = np.ones(4)\n### END HIDDEN TESTS",
                         "BEGIN HIDDEN TESTS outside a graded cell", "### BEGIN HIDDEN TESTS"),
    "solution elsewhere": ("x = np.ones(4)", "### BEGIN SOLUTION\nx = np.ones(4)\n### END SOLUTION",
                           "BEGIN SOLUTION outside a solution cell", "### BEGIN SOLUTION"),
    "no scheme": ("# === BEGIN MARK SCHEME ===\n# 1 point for the product of factors, 1 point for the logarithm.\n"
                  "# === END MARK SCHEME ===\n", "", "without a mark scheme", EXPLAIN),
    "scheme elsewhere": ("# ## A gain", "# === BEGIN MARK SCHEME ===\n# x\n# === END MARK SCHEME ===\n# ## A gain",
                         "outside an explain cell", "# === BEGIN MARK SCHEME ==="),
    "explain for nothing": ('"explain_gain", "solution": true, "points": 2', '"explain_gain", "solution": true',
                            "explain question 'explain_gain' has no points", None),
    "title by hand": ("# ## A gain", "# # Gain\n# ## A gain", "generated from course.toml", "# # Gain"),
    "setup by hand": ("x = np.ones(4)", "ui.setup()\nx = np.ones(4)", "setup cell is generated", "ui.setup()"),
    "badge by hand": ("# ## A gain", "# ![b](https://colab.research.google.com/assets/colab-badge.svg)",
                      "badge is generated", None),
    "syntax": ("x = np.ones(4)", "x = np.ones(4", "not Python", "x = np.ones(4"),
    "empty cell": ("x = np.ones(4)\nprint(x.sum())\n", "", "an empty cell", None),
    "raw": ("# %%\nx", "# %% [raw]\nx", "raw cell", "# %% [raw]"),
    "text above": ("# %% [markdown]\n# ## A gain", "# hello\n\n# %% [markdown]\n# ## A gain", "above the first", None),
    "marker in a string": ("x = np.ones(4)", 'x = np.ones(4)\ny = """\n# %% no cell\n"""', None, None),
    "points": ('"points": 2}\nassert', '"points": 3}\nassert', "add up to 5, course.toml gives 01_gain 4", None),
    "unknown key": ('"points": 2}\nassert', '"points": 2, "points_": 1}\nassert', "unknown nbgrader metadata", TEST),
}


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault[2]])
def test_the_fault_is_named_with_its_line(course, name):
    old, new, message, at = FAULTS[name]
    assert old in GAIN
    text = GAIN.replace(old, new, 1)
    unit = course.units["01_gain"]
    unit.source.write_text(text)
    with pytest.raises(CourseError, match=message) as caught:
        read_source(course, unit)
    if at:
        lines = text.splitlines()
        start = at.split("{")[0]
        assert lines[caught.value.line - 1].startswith(start), lines[caught.value.line - 1]


@pytest.mark.parametrize("name", list(FAULTS))
def test_the_command_fails_in_one_line_each_and_writes_nothing(root, capsys, name):
    old, new, _, _ = FAULTS[name]
    source = root / "solutions/01_gain/01_gain.py"
    source.write_text(GAIN.replace(old, new, 1))
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(SystemExit) as caught:
        main(["build", "01_gain"])
    assert caught.value.code == 1
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert all("01_gain" in line for line in err.splitlines())
    assert before == {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("text", "message"), [
    (MEAN.replace("assert", "### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\nassert"), "nothing between BEGIN and END"),
    (MEAN.split("# %% nbgrader")[0] + "# %% nbgrader" + MEAN.split("# %% nbgrader")[2], "no answer cell above it"),
    ("# %% nbgrader" + MEAN.split("# %% nbgrader")[1], "has no test cell below it"),
    ("", "no cell found"),
    ("print(1)\n", "no cell found"),
])
def test_answers_and_tests_go_together(course, text, message):
    unit = course.units["02_mean"]
    unit.source.write_text(text)
    with pytest.raises(CourseError, match=message):
        read_source(course, unit)


def test_an_unknown_unit_and_a_missing_source_are_one_line(root, capsys):
    for arguments, message in ((["build", "01_gian"], "did you mean 01_gain"), (["build", "02"], "source of 02_mean")):
        (root / "solutions/02_mean/02_mean.py").unlink(missing_ok=True)
        with pytest.raises(SystemExit):
            main(arguments)
        err = capsys.readouterr().err
        assert message in err
        assert err.count("\n") == 1
