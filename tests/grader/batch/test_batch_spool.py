"""A class on the disk: the same bytes, little memory, no file left."""

import hashlib
import resource
import sys

import pytest

from autograder.grade.spool import spooled
from autograder.model.submission import HandedIn


def hand_in(number, size):
    return HandedIn(f"s{number}", "", hashlib.shake_128(str(number).encode()).digest(size))


def test_the_same_bytes_and_no_file(tmp_path):
    items = [hand_in(0, 0), hand_in(1, 10), hand_in(2, 5000), hand_in(3, 0), hand_in(4, 1)]
    (tmp_path / "grades").mkdir()
    found = spooled(iter(items), tmp_path / "grades")
    assert found == tuple(items)
    assert [hashlib.sha256(f.data).digest() for f in found] == [hashlib.sha256(i.data).digest() for i in items]
    assert list((tmp_path / "grades").iterdir()) == []


def test_nothing_at_all(tmp_path):
    assert spooled([], tmp_path / "none") == ()
    assert not (tmp_path / "none").exists()
    assert spooled([hand_in(0, 0)], tmp_path)[0].data == b""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the resident memory of Linux")
def test_a_large_class_takes_little_memory(tmp_path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = spooled((HandedIn(f"s{i}", "", bytes(20 << 20)) for i in range(30)), tmp_path)
    assert sum(len(f.data) for f in found) == 600 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 120 << 10
