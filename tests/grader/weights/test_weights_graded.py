"""Weights handed in beside a notebook, from the folder to the leaderboard, with the commands of an instructor."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import torch
from safetensors.torch import save_file

from autograder.course import Course
from autograder.model.assignment import Assignment
from autograder.stock import solved_answers, with_answers

ROOT = Path(__file__).resolve().parents[3]
UNIT = "33_model"
COURSE = f"""\
[course]
title = "One model"
subtitle = "a fixture"
repository = "https://github.com/example/audio"
branch = "main"

[parts]
7 = "Capstone"

[units.{UNIT}]
title = "A model of your own"
part = 7
minutes = 60
points = 5
device = "any"
data = []
prerequisites = []
checks = "trained"
objectives = ["Train a model.", "Hand in its weights.", "Say what it reached."]
"""
SOURCE = '''\
# %% [markdown]
# ### Exercise 33.1 · High or low?   ★☆☆ · 20 min · 5 points
#
# Two classes of four numbers. Save the weights as `model.safetensors`.

# %% nbgrader={"grade_id": "Model", "solution": true}
class Model(nn.Module):
    """(batch, 4) → (batch, 2) scores."""

    def __init__(self):
        super().__init__()
        ### BEGIN SOLUTION
        self.layer = nn.Linear(4, 2)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.layer(x)
        ### END SOLUTION

# %% nbgrader={"grade_id": "test_usable", "points": 3}
shown = [(np.eye(4)[i], 1 - i % 2) for i in range(4)]
checks.trained.trained_model(Model, "model.safetensors", shown, checks.trained.accuracy, at_least=0.5, name="shown")
### BEGIN HIDDEN TESTS
secret = checks.trained.held_out("sums")
unseen = list(zip(secret["x"], secret["y"].tolist()))
checks.trained.trained_model(Model, "model.safetensors", unseen, checks.trained.accuracy, at_least=0.6, name="accuracy")
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "test_good", "points": 2}
### BEGIN HIDDEN TESTS
secret = checks.trained.held_out("sums")
unseen = list(zip(secret["x"], secret["y"].tolist()))
trained_model = checks.trained.trained_model
trained_model(Model, "model.safetensors", unseen, checks.trained.accuracy, at_least=0.95, name="accuracy")
### END HIDDEN TESTS
'''
RIGHT = torch.tensor([[-1.0, 1.0, -1.0, 1.0], [1.0, -1.0, 1.0, -1.0]])
CHEAT = """\
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)

    def forward(self, x):
        return torch.full((len(x), 2), float("nan"))
"""


def course_command(root, *arguments, held_out):
    """Run `course` in `root`; its output."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "COURSE_HELD_OUT": str(held_out)}
    done = subprocess.run([sys.executable, "-m", "autograder", *arguments], cwd=root, env=env, capture_output=True,
                          text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def classroom(tmp_path):
    """A course of one unit, a held-out set, and five students."""
    (tmp_path / "solutions" / UNIT).mkdir(parents=True)
    (tmp_path / "course.toml").write_text(COURSE)
    (tmp_path / "solutions" / UNIT / f"{UNIT}.py").write_text(SOURCE)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    x = torch.randn(200, 4, generator=torch.Generator().manual_seed(0))
    y = ((x * RIGHT[1]).sum(1) > 0).long()
    (tmp_path / "secret").mkdir()
    save_file({"x": x, "y": y}, tmp_path / "secret" / "sums.safetensors")
    course = Course.load(tmp_path)
    given = Assignment.read(course, course.unit(UNIT))
    good = solved_answers(given.solved)
    weak = RIGHT + torch.tensor([[2.5, 0, 0, 0], [0, 0, 0, 0]])
    hand_in(tmp_path, given, "good", good, {"layer.weight": RIGHT, "layer.bias": torch.zeros(2)})
    hand_in(tmp_path, given, "weak", good, {"layer.weight": weak, "layer.bias": torch.zeros(2)})
    hand_in(tmp_path, given, "nothing", good, None)
    hand_in(tmp_path, given, "nan", {"Model": CHEAT}, {"layer.weight": RIGHT, "layer.bias": torch.zeros(2)})
    hand_in(tmp_path, given, "pickle", good, None)
    torch.save({"layer.weight": RIGHT}, tmp_path / "class" / "pickle" / "model.safetensors")
    return tmp_path


def hand_in(root, given, student, answers, weights):
    folder = root / "class" / student
    folder.mkdir(parents=True)
    nbformat.write(with_answers(given.release, answers), folder / f"{UNIT}.ipynb")
    if weights is not None:
        save_file({name: value.contiguous() for name, value in weights.items()}, folder / "model.safetensors")


@pytest.mark.slow
def test_from_weights_to_leaderboard(classroom):
    level = "auto" if shutil.which("bwrap") else "none"
    graded = json.loads(course_command(
        classroom, "grade", UNIT, "--submissions", "class", "--sandbox", level, "--jobs", "1", "--json",
        held_out=classroom / "secret",
    ))
    found = {entry["student"]: entry for entry in graded["submissions"]}
    assert {name: entry["score"] for name, entry in found.items()} == {
        "good": 5, "weak": 3, "nothing": 0, "nan": 0, "pickle": 0,
    }
    said = {name: entry["results"]["test_usable"]["message"] for name, entry in found.items()}
    assert "there is no file model.safetensors" in said["nothing"]
    assert "NaN or infinite" in said["nan"]
    assert "not a safetensors file" in said["pickle"]
    assert "accuracy of your model on 200 examples" in found["weak"]["results"]["test_good"]["message"]
    board = json.loads(course_command(classroom, "leaderboard", UNIT, "--json", held_out=classroom / "secret"))
    table = next(t for t in board["tables"] if (t["grade_id"], t["name"]) == ("test_usable", "accuracy"))
    assert [p["student"] for p in table["places"]] == ["good", "weak"]
    assert table["places"][0]["value"] == 1.0
    assert 0.6 <= table["places"][1]["value"] < 0.95
