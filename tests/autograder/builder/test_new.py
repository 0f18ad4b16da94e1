"""`course new`: a skeleton that builds, whose sample exercise works, and that is not finished until it is filled."""

import shutil
import types
from pathlib import Path

import numpy as np
import pytest

from autograder.cli import main
from autograder.course import Course
from autograder.source import exercises, read_source
from course_lib.checks.core import CheckFailed

REPOSITORY = Path(__file__).parents[3]


def run(*arguments):
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return caught.value.code


@pytest.fixture
def checkout(root):
    """The small course with the register of checks."""
    (root / "course_lib/checks").mkdir(parents=True)
    shutil.copy(REPOSITORY / "course_lib/checks/__init__.py", root / "course_lib/checks")
    return root


def files(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_skeleton_builds_at_once_and_stands_in_order(checkout, capsys):
    before = (checkout / "course.toml").read_text()
    assert run("new", "01_gain2", "--title", "x") == 1
    assert run("new", "00_hello", "--title", 'Say "hello"', "--part", "1") == 0
    assert run("build", "00_hello") == 0
    assert run("build", "--check", "00_hello") == 0, "the source is canonical"
    course = Course.load(checkout)
    assert list(course.units) == ["00_hello", "01_gain", "02_mean"]
    assert course.units["00_hello"].title == 'Say "hello"'
    assert before.split("[units.01_gain]")[1] in (checkout / "course.toml").read_text(), "the rest is as it was"
    assert run("new", "07_last") == 0
    last = Course.load(checkout).units["07_last"]
    assert (last.prerequisites, last.part, last.title) == (("02_mean",), 1, "Last")
    register = types.ModuleType("register")
    exec((checkout / "course_lib/checks/__init__.py").read_text(), register.__dict__)
    assert {"ctc", "hello", "last", "start"} <= set(register.__all__)


def test_the_sample_exercise_is_a_good_model(checkout):
    assert run("new", "05_level") == 0
    course = Course.load(checkout)
    unit = course.units["05_level"]
    checks = types.ModuleType("checks")
    exec(unit.checks_file.read_text(), checks.__dict__)
    (exercise,) = [e for e in exercises(read_source(course, unit)) if not e.manual]
    names = {"np": np, "Float": __import__("jaxtyping").Float}
    exec(exercise.solution.source, names)
    checks.set_rms(names["set_rms"])
    checks.set_rms(names["set_rms"], rng=np.random.default_rng(5), cases=100)
    for path in (unit.tests / "set_rms").glob("*.py"):
        text = path.read_text()
        scope = {"np": np}
        exec(text, scope)
        if path.name.startswith("right"):
            checks.set_rms(scope["set_rms"])
            continue
        expected = text.split("Expect: ")[1].split("\n")[0]
        with pytest.raises(CheckFailed, match=expected):
            checks.set_rms(scope["set_rms"])


def test_placeholders_are_left_for_the_audit_to_find(checkout):
    assert run("new", "05_level") == 0
    source = (checkout / "solutions/05_level/05_level.py").read_text()
    assert source.count("TO" + "DO") > 10


@pytest.mark.parametrize(("arguments", "message"), [
    (["3_cqt"], "is not a unit name"),
    (["03-cqt"], "is not a unit name"),
    (["../03_cqt"], "is not a unit name"),
    (["02_other"], "the number 02 belongs to 02_mean"),
    (["03_class"], "cannot name a module of checks"),
    (["03_core"], "cannot name a module of checks"),
    (["03_gain"], "is in the way"),
    (["03_cqt", "--part", "9"], "which [parts] does not list"),
])
def test_bad_names_are_one_line_and_write_nothing(checkout, capsys, arguments, message):
    (checkout / "course_lib/checks/gain.py").touch()
    before = files(checkout)
    assert run("new", *arguments) == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert files(checkout) == before
