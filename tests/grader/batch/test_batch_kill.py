"""SIGKILL at any moment, run again: the books equal those of an undisturbed run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import fakes
import pytest
from final_state import faults, final_state, lines
from little_course import grade_with, write_class

from autograder.course import Course

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="SIGKILL and fork are POSIX")]
HERE = Path(__file__).parent


def run(course, *arguments):
    done = subprocess.run([sys.executable, "-P", str(HERE / "killing.py"), *arguments], cwd=course.root, text=True,
                          env=fakes.environment(), capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def undisturbed(course, folder, monkeypatch):
    """The state of a course that nobody killed, with the same secret and the same class."""
    fakes.use_stand_ins(monkeypatch)
    (course.root / "build").mkdir()
    (course.root / "build/grading_seed").write_text("the same secret")
    twin = Course.load(shutil.copytree(course.root, folder))
    grade_with(twin, fakes.Inline())
    return final_state(twin)


def test_killed_at_twenty_random_moments_of_a_run_of_thirty(course, tmp_path, monkeypatch):
    students = {f"s{n:02}": {"score": n % 4 / 2, "sleep": 0.02} for n in range(28)}
    write_class(course.root, students | {"doubtful": {"doubt": 1}, "odd": {"raise": True}})
    expected = undisturbed(course, tmp_path / "twin", monkeypatch)
    said = run(course, "random", "7", "20")
    assert said["kills"] == 20
    assert said["class"] == 30
    assert said["left"] < 30  # what was done before a kill was kept
    assert final_state(course) == expected
    assert len(lines(course.root / "build")) == 30
    assert faults(course) == ()


def test_killed_before_every_write_to_the_disk(course, tmp_path, monkeypatch):
    write_class(course.root, {"anna": {"doubt": 1}})
    expected = undisturbed(course, tmp_path / "twin", monkeypatch)
    said = run(course, "every")
    assert said["kills"] > 12
    assert final_state(course) == expected
    assert faults(course) == ()
