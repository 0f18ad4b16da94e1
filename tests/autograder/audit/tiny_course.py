"""A tiny course of one unit, good by itself, for the tests to break."""

import textwrap
from pathlib import Path

from autograder.audit.subject import AuditedUnit
from autograder.course import Course
from autograder.source import read_source

UNIT = "01_tiny"

COURSE = """\
[course]
title = "Tiny course"
subtitle = "for tests"
repository = "https://github.com/example/tiny"
branch = "main"

[parts]
0 = "Start"

[units.01_tiny]
title = "Doubling"
part = 0
minutes = 5
points = 3
device = "any"
data = []
prerequisites = []
checks = "tiny"
objectives = ["Double a signal.", "Say why.", "Do it twice."]
"""

# What the graded cells need, without the libraries that a real setup cell loads.
SETUP = """\
import numpy as np
from course_lib.checks.core import CheckFailed, expect, expect_close, grading_rng, passed, subject


def check_double(answer, rng, cases):
    f = subject(answer)
    for _ in range(cases):
        x = rng.standard_normal(rng.integers(0, 9))
        expect_close(f.call(x), x + x, "the doubled signal", mistakes={"it was squared.": x * x})
    passed("double", f"{cases} random signals")
"""

CELLS = {
    "intro": """\
# %% [markdown]
# ## 1 · Doubling
#
# Twice a signal $x$ is $2x$. See [the exercise](#exercise-11--double-it---10-min--2-points) and
# [NumPy](https://numpy.org/doc/).
""",
    "lesson": """\
# %%
print(2 * np.arange(3))
""",
    "card": """\
# %% [markdown]
# ### Exercise 1.1 · Double it   ★☆☆ · 10 min · 2 points
#
# Return twice the signal.
#
# <details><summary>Hint 1 · the idea</summary>
#
# Add it to itself.
# </details>
# <details><summary>Hint 2 · the first line</summary>
#
# `return x + …`
# </details>
#
# If you pass the first test but fail the second, look at the empty signal.
""",
    "answer": """\
# %% nbgrader={"grade_id": "double", "solution": true}
def double(x):
    \"\"\"Twice `x`.\"\"\"
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
""",
    "test": """\
# %% nbgrader={"grade_id": "test_double", "points": 2}
check_double(double, np.random.default_rng(0), 3)
### BEGIN HIDDEN TESTS
check_double(double, grading_rng(), 20)
### END HIDDEN TESTS
""",
    "explain": """\
# %% [markdown] nbgrader={"grade_id": "explain_double", "solution": true, "points": 1}
# ### Explain 1.2 · Why double?
#
# Why is the sum of a signal with itself twice the signal?
#
# === BEGIN MARK SCHEME ===
# One point for distributivity.
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# Because multiplication distributes over addition.
# ### END SOLUTION
""",
    "end": """\
# %% [markdown]
# ## 2 · Where this goes
#
# Everywhere.
""",
}

ANSWERS = {
    "wrong_squared": ("It squares.\n\nExpect: it was squared", "def double(x):\n    return x * x"),
    "wrong_same": ("It returns its input.\n\nExpect: 0.5 times the right one", "def double(x):\n    return x"),
    "wrong_forgot_return": ("It forgets to return.\n\nExpect: `return`", "def double(x):\n    2 * x"),
    "right_sum": ("By adding.", "def double(x):\n    return x + x"),
    "right_loop": ("By a loop.", "def double(x):\n    return np.array([v + v for v in x], dtype=float)"),
}


class TinyCourse:
    """The folder; `cells`, `answers` and `setup` may be changed before `read`."""

    def __init__(self, root: Path):
        self.root, self.cells, self.answers, self.setup = root, dict(CELLS), dict(ANSWERS), SETUP
        (root / "course.toml").write_text(COURSE, encoding="utf-8")

    def answer(self, name: str, docstring: str, code: str) -> None:
        """Add a named answer."""
        self.answers[name] = (docstring, textwrap.dedent(code))

    def read(self) -> AuditedUnit:
        """Write the source and the named answers, and read the unit as the gates do, with the light setup cell."""
        course = Course.load(self.root)
        unit = course.units[UNIT]
        unit.source.parent.mkdir(parents=True, exist_ok=True)
        unit.source.write_text("\n".join(self.cells.values()), encoding="utf-8")
        for name, (docstring, code) in self.answers.items():
            file = unit.tests / "double" / f"{name}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f'"""{docstring}\n"""\n\n{code}\n', encoding="utf-8")
        audited = AuditedUnit.read(course, unit)
        for cell in audited.solved.cells:
            if cell.metadata.get("course", {}).get("generated") == "setup":
                cell.source = self.setup
        assert read_source(course, unit).cells
        return audited


def failures(audited, gate=None):
    """The messages of one gate, or of all."""
    return [f.message for f in audited.report.failures if gate in (None, f.gate)]
