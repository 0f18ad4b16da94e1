"""The examples in the docstrings of course_lib run."""

import doctest
import importlib
import pkgutil

import pytest

import course_lib

NAMES = [module.name for module in pkgutil.walk_packages(course_lib.__path__, "course_lib.") if not module.ispkg]


@pytest.mark.parametrize("name", NAMES)
def test_examples(name, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "smoke")  # an example sets it too: taken back after the test
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
