"""The shared page of conventions says what the library does, and the map of concepts is complete and true."""

import doctest
import re
from pathlib import Path

import pytest

from autograder import concepts
from autograder.course import Course
from course_lib import signal

ROOT = Path(__file__).parents[1]
COURSE = Course.load(ROOT)
FOUND = concepts.concepts(COURSE)
SOURCES = {unit.name: unit.source.read_text(encoding="utf-8") for unit in COURSE.units.values() if unit.source.exists()}


def test_the_examples_of_the_notation_page_hold():
    failed, tried = doctest.testfile(str(ROOT / "notebooks" / "NOTATION.md"), module_relative=False, encoding="utf-8")
    assert tried >= 10
    assert failed == 0


def test_every_public_function_of_signal_names_its_unit():
    functions = {f.name: f for concept in FOUND for f in concept.functions}
    assert sorted(functions) == sorted(signal.__all__)
    assert [name for name, f in functions.items() if not f.homes] == []


@pytest.mark.parametrize("unit", [u for u in SOURCES if any(u in c.homes for c in FOUND)])
def test_a_unit_that_is_there_shows_every_concept_it_is_named_for(unit):
    """By calling `signal.name`, or by an exercise that defines the function."""
    mine = [concept for concept in FOUND if unit in concept.homes]
    shown = {c.name: [f.name for f in c.functions if unit in f.units and unit in f.homes] for c in mine}
    assert [name for name, functions in shown.items() if not functions] == []


@pytest.mark.parametrize("unit", SOURCES)
def test_units_call_only_functions_that_are_there(unit):
    called = set(re.findall(r"(?<!scipy\.)(?<!\w)signal\.([A-Za-z_]\w*)\(", SOURCES[unit]))
    assert called <= set(signal.__all__), called - set(signal.__all__)


def test_the_page_is_up_to_date_and_names_everything():
    assert concepts.differs(COURSE) is None, "run `course build`"
    text = (ROOT / concepts.PAGE).read_text(encoding="utf-8")
    assert [name for name in signal.__all__ if f"`{name}`" not in text] == []
