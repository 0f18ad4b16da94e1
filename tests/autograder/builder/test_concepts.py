"""The map of concepts: made from docstrings and sources, refused where untrue, stale where one of them changed."""

import pytest
from test_build import main_status

from autograder import concepts

HALF = '"""Loudness: half as much.\n\n{line}\n"""\n\n\ndef half(x):\n    """Half of x."""\n    return x / 2\n'


@pytest.fixture
def library(root):
    """The small course with a signal library of one module, and a unit that calls it."""
    folder = root / "course_lib" / "signal"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('lazy_loader.attach(__name__, submod_attrs={"loudness": ["half"]})\n')
    write(root, 'Derived in unit 01_gain. Paper: A. Author, "On |halves|",\n1999.')
    source = root / "solutions/01_gain/01_gain.py"
    source.write_text(source.read_text() + "\n# %%\nprint(signal.half(2))\n")
    return root


def write(root, line):
    (root / "course_lib/signal/loudness.py").write_text(HALF.format(line=line))


def test_a_course_without_the_library_has_no_map(root, course):
    assert concepts.page(course) is None
    assert main_status(["build"]) == 0
    assert not (root / concepts.PAGE).exists()


def test_the_map_names_concept_unit_function_and_paper(library, course):
    assert main_status(["build"]) == 0
    text = (library / concepts.PAGE).read_text()
    assert "## [01 · Gain](01_gain/01_gain.ipynb)" in text
    assert '| Loudness | **`half`** |  | A. Author, "On \\|halves\\|", 1999. |' in text


def test_a_stale_or_missing_map_fails_the_check_and_is_mended_by_a_build(library, capsys):
    assert main_status(["build", "--check"]) == 1
    assert "notebooks/MAP.md: is missing" in capsys.readouterr().err
    assert main_status(["build"]) == 0
    assert main_status(["build", "--check"]) == 0
    write(library, "Derived in unit 01_gain.")
    assert main_status(["build", "--check"]) == 1
    assert "notebooks/MAP.md: differs" in capsys.readouterr().err


def test_the_unit_may_stand_behind_the_paper_and_over_a_line_break(library, course):
    write(library, 'Paper: A. Author, "On halves", 1999. Derived in\nunit 01_gain.')
    (concept,) = concepts.concepts(course)
    assert concept.homes == ("01_gain",)
    assert concept.papers == 'A. Author, "On halves", 1999.'


def test_a_unit_that_is_not_there_is_coming(library, course):
    write(library, "Derived in units 01_gain and 08_later.")
    assert "## 08_later (coming)" in concepts.page(course)


@pytest.mark.parametrize(("line", "message"), [
    ("Somewhere.", "loudness.py:1: names no unit"),
    ("Derived in unit 02_mean.", "unit 02_mean calls and writes none of its half"),
])
def test_what_the_map_refuses(library, capsys, line, message):
    write(library, line)
    assert main_status(["build"]) == 1
    assert message in capsys.readouterr().err


def test_an_exercise_of_the_home_unit_counts_and_the_same_name_elsewhere_does_not(library, course):
    write(library, "Derived in unit 02_mean.")
    other = library / "solutions/02_mean/02_mean.py"
    other.write_text(other.read_text() + "\n# %%\ndef half(x):\n    return x / 2\n")
    (concept,) = concepts.concepts(course)
    assert concept.functions[0].units == ("01_gain", "02_mean")
    write(library, "Derived in unit 01_gain.")
    (concept,) = concepts.concepts(course)
    assert concept.functions[0].units == ("01_gain",)
