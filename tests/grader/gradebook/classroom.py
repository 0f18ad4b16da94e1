"""A course of one small unit, its students and their graded submissions, made by hand."""

import copy
import hashlib
import shutil
from pathlib import Path

from autograder.course import Course
from autograder.model.assignment import Assignment
from autograder.model.examination import MANUAL, MISSING, PASSED, WRONG, CheckResult, Examination
from autograder.model.submission import Repair, Submission

REPOSITORY = Path(__file__).parents[3]
UNIT = "01_gain"
COURSE = '''
[course]
title = "Audio in one unit"
subtitle = "a fixture"
repository = "https://github.com/example/audio"
branch = "main"

[parts]
1 = "Signals"

[units.01_gain]
title = "Gain"
part = 1
minutes = 20
points = 6
device = "any"
data = []
prerequisites = []
checks = "gain"
objectives = ["Scale a signal.", "Say what a gain in dB does.", "Tell a level from a gain."]
'''
SOURCE = '''# %% [markdown]
# ## A gain is a factor
# <details><summary>Hint</summary>Multiply.</details>

# %% nbgrader={"grade_id": "scale", "solution": true}
def scale(x, gain_db):
    """x scaled by `gain_db` decibels, same shape."""
    ### BEGIN SOLUTION
    return [10 ** (gain_db / 20) * value for value in x]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_scale", "points": 2}
assert np.allclose(scale([1.0, 2.0], 20), [10.0, 20.0])
### BEGIN HIDDEN TESTS
secret_gain = 6.0206
assert np.allclose(scale([1.0], secret_gain), [2.0], atol=1e-4)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "mute", "solution": true}
def mute(x):
    ### BEGIN SOLUTION
    return [0.0 for value in x]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_mute", "points": 1}
assert mute([1.0, 2.0]) == [0.0, 0.0]

# %% nbgrader={"grade_id": "test_mute_empty", "points": 1}
assert mute([]) == []

# %% [markdown] nbgrader={"grade_id": "explain_gain", "solution": true, "points": 2}
# **Explain.** Why do two gains in dB add?
#
# ### BEGIN SOLUTION
# Factors multiply, and the logarithm turns a product into a sum.
# ### END SOLUTION
# === BEGIN MARK SCHEME ===
# 1 point for the product of factors, 1 point for the logarithm.
# === END MARK SCHEME ===
'''
CELLS = {"test_scale": ("scale", 2.0), "test_mute": ("mute", 1.0), "test_mute_empty": ("mute", 1.0),
         "explain_gain": ("explain_gain", 2.0)}
"""Graded cell → its answer cell and its points."""
ANSWERS = {
    "scale": "def scale(x, gain_db):\n    return [10 ** (gain_db / 20) * v for v in x]",
    "mute": "def mute(x):\n    return [0.0] * len(x)",
    "explain_gain": "Because the logarithm of a product is a sum.",
}


def make_course(root: Path, source: str = SOURCE) -> Course:
    """Write the course with this checkout's nbgrader_config.py into `root`."""
    files = {"course.toml": COURSE.lstrip("\n"), f"solutions/{UNIT}/{UNIT}.py": source}
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    return Course.load(root)


def read_assignment(course: Course) -> Assignment:
    """The unit as the grader sees it."""
    return Assignment.read(course, course.unit(UNIT))


def hand_in(assignment: Assignment, student: str, *, name: str = "", received: str | None = None,
            repairs: tuple[Repair, ...] = (), refused: str | None = None, **answers: str | None) -> Submission:
    """A read submission: right answers, but for those that are given."""
    texts = {**ANSWERS, **answers}
    if refused:
        texts = dict.fromkeys(ANSWERS)
    notebook = copy.deepcopy(assignment.release)
    for cell in notebook.cells:
        text = texts.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        if text is not None:
            cell.source = text
    sha256 = hashlib.sha256(repr(sorted(texts.items())).encode("utf-8", "replace")).hexdigest()
    return Submission(student, name or student, sha256, (), texts, repairs, notebook, received, refused=refused)


def examine(submission: Submission, **lost: str | CheckResult) -> Examination:
    """Full points, but for the cells in `lost`: grade_id → why, or the whole result."""
    results = []
    for cell, (exercise, points) in CELLS.items():
        if isinstance(lost.get(cell), CheckResult):
            results.append(lost[cell])
        elif submission.answers[exercise] is None:
            results.append(CheckResult(cell, exercise, points, 0.0, MISSING, "is not written yet"))
        elif cell == "explain_gain":
            results.append(CheckResult(cell, exercise, points, None, MANUAL))
        elif cell in lost:
            results.append(CheckResult(cell, exercise, points, 0.0, WRONG, lost[cell]))
        else:
            results.append(CheckResult(cell, exercise, points, points, PASSED, printed=f"✓ {exercise}: 20 cases"))
    return Examination(tuple(results))
