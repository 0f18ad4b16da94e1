"""course.toml: what it gives, and how its faults are named."""

import pytest
from mini import COURSE

from autograder.course import Course, CourseError, find_root


def test_units_keep_their_order_and_know_their_paths(course, root):
    assert list(course.units) == ["01_gain", "02_mean"]
    unit = course.units["01_gain"]
    assert unit.release == root / "notebooks/01_gain/01_gain.ipynb"
    assert unit.source == root / "solutions/01_gain/01_gain.py"
    assert course.neighbours(unit) == (None, course.units["02_mean"])


def test_the_root_is_found_from_below_and_missed_outside(root, tmp_path):
    assert find_root(root / "solutions" / "01_gain") == root
    with pytest.raises(CourseError, match=r"no course\.toml"):
        find_root(tmp_path)


def test_a_number_names_a_unit_and_a_wrong_name_gets_the_closest(course):
    assert course.unit("2").name == "02_mean"
    assert course.unit("02").name == "02_mean"
    with pytest.raises(CourseError, match="did you mean 01_gain"):
        course.unit("01_gian")


@pytest.mark.parametrize(
    ("old", "new", "message", "at"),
    [
        ("minutes = 20\n", "", "01_gain has no minutes", "[units.01_gain]"),
        ("minutes = 20", 'minutes = "20"', "minutes of 01_gain should be a whole number", 'minutes = "20"'),
        ("points = 4", "points = true", "points of 01_gain should be a number", "points = true"),
        ("points = 4", "points_ = 4\npoints = 4", "did you mean points", "points_ = 4"),
        ("part = 1\nminutes = 10", "part = 7\nminutes = 10", "in part 7", "part = 7"),
        ('prerequisites = ["01_gain"]', 'prerequisites = ["02_mean"]', "does not stand above it",
         'prerequisites = ["02_mean"]'),
        ("[units.02_mean]", '[units."2_mean"]', "not a unit name", '[units."2_mean"]'),
        ('branch = "main"\n', "", r"\[course\] has no branch", "[course]"),
    ],
)
def test_each_fault_has_its_line(root, old, new, message, at):
    text = COURSE.lstrip("\n").replace(old, new, 1)
    (root / "course.toml").write_text(text)
    with pytest.raises(CourseError, match=message) as caught:
        Course.load(root)
    assert caught.value.line == text.splitlines().index(at) + 1
    assert "\n" not in str(caught.value).split("→")[0]


def test_toml_that_does_not_parse_gives_the_line(root):
    (root / "course.toml").write_text('[course]\ntitle = "open\n')
    with pytest.raises(CourseError, match="not valid TOML") as caught:
        Course.load(root)
    assert caught.value.line == 2


def test_all_faults_come_at_once(root):
    text = COURSE.replace("minutes = 20\n", "").replace('device = "any"\n', "")
    (root / "course.toml").write_text(text)
    with pytest.raises(CourseError) as caught:
        Course.load(root)
    assert len(str(caught.value).splitlines()) == 3
