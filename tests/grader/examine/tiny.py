"""A small assignment whose graded cells hold their checks: function, class, variable, question."""

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.model.assignment import Assignment
from autograder.model.examination import PASSED
from autograder.model.limits import Limits

LIMITS = Limits(cell_seconds=20, exercise_seconds=20, submission_seconds=120, reply_bytes=4 << 20)
SETUP = """\
import os, time
import numpy as np
import torch
from torch import nn
from course_lib.checks.core import expect, expect_close, expect_equal, grading_rng, passed, subject
"""

DOUBLE = "def double(x):\n    return 2 * x"
SCALE = """\
class Scale(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(n))

    def forward(self, x):
        return self.gain * x"""
TABLE = "TABLE = {'a': 1, 'b': [1, 2]}"
TRIPLE = "def triple(x):\n    return 3 * x"
SOLUTIONS = {"double": DOUBLE, "scale": SCALE, "table": TABLE, "triple": TRIPLE, "explain": "Because it is."}
STUB = "raise NotImplementedError()"
STUBS = {
    "double": f"def double(x):\n    {STUB}", "scale": SCALE.replace("return self.gain * x", STUB), "table": STUB,
    "triple": f"def triple(x):\n    {STUB}", "explain": "**Why?**\n\nYOUR ANSWER HERE",
}

TESTS = {
    "double": """\
f = subject(double)
for x in grading_rng().normal(size=(5, 3)):
    expect_close(f.call(x), x + x, "the double", mistakes={"it was squared.": x * x})
passed("double", "5 signals")""",
    "scale": """\
block = subject(Scale).build(3)
x = torch.randn(2, 3)
block.load({"gain": np.array([1.0, 2, 3], np.float32)})
expect_close(block.forward(x), x * torch.tensor([1.0, 2, 3]), "the output")
expect_close(block.gradients(x)["gain"], x.sum(0), "the gradient")
passed("scale", "one block")""",
    "table": 'expect_equal(TABLE, {"a": 1, "b": [1, 2]}, "the table")\npassed("table", "all of it")',
    "triple": 'expect_close(subject(triple).call(np.ones(3)), 3 * np.ones(3), "the triple")\npassed("triple", "once")',
}


def assignment(tests: dict[str, str] | None = None, setup: str = SETUP) -> Assignment:
    """The assignment; `tests` replaces graded cells."""
    tests = TESTS | (tests or {})
    cells, released = [], []
    for notebook, answers in ((cells, SOLUTIONS), (released, STUBS)):
        notebook.append(new_code_cell(setup, metadata={"course": {"generated": "setup"}}))
        for grade_id, answer in answers.items():
            make = new_markdown_cell if grade_id == "explain" else new_code_cell
            graded = {"solution": True, "grade": grade_id == "explain", "grade_id": grade_id}
            notebook.append(make(answer, metadata={"nbgrader": graded | ({"points": 3} if graded["grade"] else {})}))
            if grade_id in tests:
                graded = {"solution": False, "grade": True, "grade_id": f"test_{grade_id}", "points": 2}
                notebook.append(new_code_cell(tests[grade_id], metadata={"nbgrader": graded}))
    return Assignment("01_tiny", _notebook(cells), _notebook(released))


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    for i, cell in enumerate(cells):
        cell["id"] = f"cell-{i}"
    return new_notebook(cells=cells)


def by_id(examination):
    """Results by exercise."""
    return {r.exercise: r for r in examination.results}


def others_passed(examination, *but):
    """Whether every code exercise not named passed."""
    return all(r.status == PASSED for g, r in by_id(examination).items() if g not in (*but, "explain"))
