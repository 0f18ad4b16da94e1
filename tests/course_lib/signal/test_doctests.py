"""The examples in the docstrings of course_lib.signal run."""

import doctest
import importlib
import pkgutil

import pytest

import course_lib.signal

MODULES = [module.name for module in pkgutil.iter_modules(course_lib.signal.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(f"course_lib.signal.{name}"))
    assert result.failed == 0
