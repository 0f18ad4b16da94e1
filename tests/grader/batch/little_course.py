"""A course of one unit with one exercise and one question in words, written into a folder of the test."""

import json
import shutil
from pathlib import Path

from autograder.course import Course
from autograder.grade.batch import Batch, Options
from autograder.grade.ledger import Entered

COURSE = '''
[course]
title = "Audio in a unit"
subtitle = "a fixture"
repository = "https://github.com/example/audio"
branch = "main"

[parts]
1 = "Signals"

[units.02_mean]
title = "The mean"
part = 1
minutes = 10
points = 3.5
device = "any"
data = []
prerequisites = []
checks = "mean"
objectives = ["Remove an offset.", "Say what an offset is.", "Hear that nobody hears it."]
'''

MEAN = '''
# %% nbgrader={"grade_id": "centre", "solution": true}
def centre(x):
    ### BEGIN SOLUTION
    return [value - sum(x) / len(x) for value in x]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_centre", "points": 1.5}
assert abs(sum(centre([1.0, 2.0, 6.0]))) < 1e-9

# %% [markdown] nbgrader={"grade_id": "explain_mean", "solution": true, "points": 2}
# **Explain.** Why is an offset not heard?
#
# ### BEGIN SOLUTION
# Below 20 Hz the ear hears nothing, and an offset is at 0 Hz.
# ### END SOLUTION
# === BEGIN MARK SCHEME ===
# 2 points for the frequency.
# === END MARK SCHEME ===
'''


REPOSITORY = Path(__file__).resolve().parents[3]


def write_course(root: Path) -> Path:
    """Write the fixture, with this checkout's nbgrader_config.py, into `root` and return it."""
    for name, text in {"course.toml": COURSE, "solutions/02_mean/02_mean.py": MEAN}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    return root


def write_class(root: Path, students: dict[str, dict]) -> None:
    """A folder `in` with a STUDENT.json of orders for the stand-ins for each student."""
    (root / "in").mkdir(exist_ok=True)
    for student, orders in students.items():
        (root / "in" / f"{student}.json").write_text(json.dumps(orders))


def grade_with(course: Course, workers, **options) -> list[Entered]:
    """What `course grade` does, without its display."""
    batch = Batch(course, course.unit("02"), Options(**options))
    return list(batch.run(batch.plan(), workers))
