"""Private seeds, and how a failed check looks to a student."""

import hashlib

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_lib.checks.core import CheckFailed, expect, grading_rng, passed, visible_rng


def numbers(rng):
    return rng.integers(0, 2**62, size=4).tolist()


def test_the_same_seed_gives_the_same_inputs_and_any_other_gives_others(monkeypatch):
    drawn = []
    for seed in ("a", "b", "a/", "", "ü" * 1000):
        monkeypatch.setenv("COURSE_GRADING_SEED", seed)
        assert numbers(grading_rng("x")) == numbers(grading_rng("x"))
        drawn += [numbers(grading_rng("x")), numbers(grading_rng("y")), numbers(grading_rng())]
    monkeypatch.delenv("COURSE_GRADING_SEED")
    drawn.append(numbers(grading_rng("x")))
    assert len({tuple(d) for d in drawn}) == len(drawn)
    assert numbers(grading_rng("x")) == numbers(grading_rng("x"))


def test_the_seed_is_the_documented_hash(monkeypatch):
    monkeypatch.setenv("COURSE_GRADING_SEED", "secret")
    seed = int.from_bytes(hashlib.sha256(b"secret/ctc").digest()[:16], "big")
    assert numbers(grading_rng("ctc")) == numbers(np.random.default_rng(seed))


def test_private_inputs_are_not_the_visible_ones_and_leave_the_global_generator_alone():
    np.random.seed(5)
    before = np.random.get_state()[1].tolist()
    assert numbers(grading_rng()) != numbers(visible_rng(None))
    assert np.random.get_state()[1].tolist() == before


def test_visible_inputs_are_fixed_and_a_given_generator_is_used():
    assert numbers(visible_rng(None)) == numbers(visible_rng(None))
    rng = np.random.default_rng(1)
    assert visible_rng(rng) is rng


def test_expect_and_passed(capsys):
    expect(True, "never shown")
    with pytest.raises(CheckFailed, match="said"):
        expect([], "said")
    assert passed("collapse", "20 paths") is None
    captured = capsys.readouterr()
    assert captured.out == "✓ collapse: 20 paths\n"
    assert captured.err == ""


def test_a_student_sees_the_message_and_no_traceback(capsys):
    shell = InteractiveShell()
    shell.run_cell("from course_lib.checks.core import CheckFailed\nraise CheckFailed('first\\nsecond')")
    captured = capsys.readouterr()
    assert captured.out.rstrip().endswith("✗ first\n  second")
    assert "Traceback" not in captured.out
    assert "failure.py" not in captured.out
    assert captured.err == ""
