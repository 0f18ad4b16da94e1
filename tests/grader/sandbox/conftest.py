"""One sandbox for all tests of a worker, with a toy server in it; a fresh session per test."""

import os

import pytest
from sandboxes import SMALL, Inside, make, why_not


@pytest.fixture(scope="session")
def bwrap():
    """Skips, saying why, where bubblewrap does not work; fails where it has been promised (COURSE_NEEDS_SANDBOX)."""
    if why_not() and os.environ.get("COURSE_NEEDS_SANDBOX"):
        pytest.fail(f"the sandbox does not work here: {why_not()}")
    if why_not():
        pytest.skip(f"NO SANDBOX TESTED HERE: {why_not()}")
    with make("bwrap") as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def none():
    with make("none") as sandbox:
        yield sandbox


@pytest.fixture(params=["bwrap", "none"])
def either(request):
    """Both levels, for what must hold with and without isolation."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def inside(bwrap):
    """Ask a fresh session of the sandbox."""
    with bwrap.session(SMALL) as session:
        yield Inside(session)
