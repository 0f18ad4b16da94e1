"""The small parts: names, wording, seeds, bounds."""

import contextlib
import time

import numpy as np
import pytest

from autograder.examine.bounds import CheckTooSlow, bounded
from autograder.examine.names import bound_names, import_statements, used_names
from autograder.examine.seeds import private_seed, rng_from
from autograder.examine.wording import KEPT_CHARACTERS, clean
from course_lib.checks.core.rng import SEED_VARIABLE, grading_rng


def test_names_that_a_solution_binds():
    source = "import os\nfrom a import b\ndef f(x): y = 1\nclass C: z = 2\nA, (B, *D) = 1, (2, 3)\n"
    source += "for i in []: pass\nE: int = 3"
    assert bound_names(source) == {"f", "C", "A", "B", "D", "i", "E"}


def test_names_that_a_test_uses():
    source = "import os\nx = f(1)\nfor v in g(x): h.y(v, key=k)\ndef own(a): return a + free\nown([q for q in r])"
    assert used_names(source) == {"f", "g", "h", "k", "free", "r"}


def test_only_the_imports_that_tests_use_are_run():
    setup = "import os\nimport numpy as np, torch\nfrom course_lib import audio, checks\n"
    setup += "if 1:\n    import sys\nui.setup()"
    kept = import_statements(setup, {"np", "checks", "sys"})
    assert [[a.name for a in node.names] for node in kept] == [["numpy"], ["checks"]]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("No such file: '/home/anna/course/build/x.wav'", "No such file: 'x.wav'"),
        (r"C:\Users\anna\x.wav is gone", "x.wav is gone"),
        ("<function f at 0x7f10653e1bc0>", "<function f at 0x…>"),
        ("\x1b[31mred\x1b[0m\0 \ud800text", "red text"),
        ("20·log10(a/b) and/or x/y/z", "20·log10(a/b) and/or x/y/z"),
        ("see https://example.org/a/b.html", "see https://example.org/a/b.html"),
        ("shape (3, 4), got 1/2", "shape (3, 4), got 1/2"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
    ],
)
def test_a_message_holds_nothing_of_the_machine(text, shown):
    assert clean(text) == shown


def test_a_message_is_capped():
    assert len(clean("x" * 10**7)) == KEPT_CHARACTERS


def test_seeds_differ_by_everything_and_repeat(monkeypatch):
    parts = [(b"s", "02", "stft", "anna"), (b"t", "02", "stft", "anna"), (b"s", "03", "stft", "anna"),
             (b"s", "02", "istft", "anna"), (b"s", "02", "stft", "bert"), (b"s", "02s", "tft", "anna")]
    seeds = [private_seed(*p) for p in parts]
    assert len(set(seeds)) == len(parts)
    assert seeds == [private_seed(*p) for p in parts]
    assert not any("s" in seed for seed in seeds)
    monkeypatch.setenv(SEED_VARIABLE, seeds[0])
    for purpose in ("", "collapse"):
        assert rng_from(seeds[0])(purpose).random() == grading_rng(purpose).random()


def spin():
    while True:
        pass


def test_a_loop_is_ended_and_nothing_is_left_to_strike_later():
    started = time.monotonic()
    with pytest.raises(CheckTooSlow), bounded(0.2, 1 << 30):
        spin()
    assert time.monotonic() - started < 5
    for _ in range(50):
        with contextlib.suppress(CheckTooSlow), bounded(0.001, 1 << 30):
            time.sleep(0.0005)
    time.sleep(0.05)


def test_memory_is_bounded_inside_and_free_again_outside():
    with pytest.raises(MemoryError), bounded(10, 64 << 20):
        np.ones(1 << 28)
    assert np.ones(1 << 25).sum() == 1 << 25
