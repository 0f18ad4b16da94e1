"""Comparisons: right answers pass in any form, wrong ones fail with the sentence that names the mistake."""

import warnings

import hostile
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib.checks.core import CheckFailed, expect_close, expect_equal

FINITE = st.floats(-1e3, 1e3, width=32)
ARRAYS = hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, max_side=4), elements=FINITE)


@pytest.fixture(autouse=True)
def _strict():
    """Nothing in a comparison may warn: a warning goes to stderr, and there it costs the mark."""
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        yield


def message(got, want, **options):
    """What a failing comparison says; fails the test if the comparison passes."""
    with pytest.raises(CheckFailed) as failure:
        expect_close(got, want, "the answer", **options)
    return failure.value.message


def message_of_equal(got, want, **options):
    with pytest.raises(CheckFailed) as failure:
        expect_equal(got, want, "the answer", **options)
    return failure.value.message


@given(ARRAYS)
@settings(max_examples=100, deadline=None)
def test_the_same_numbers_pass_in_every_form(want):
    expect_close(want, want, "x")
    expect_close(want.tolist(), want, "x")
    expect_close(torch.from_numpy(want.copy()), want, "x")
    expect_close(want.astype(np.complex128, order="F"), want, "x")
    expect_close(torch.from_numpy(want.copy()).float(), want, "x")


@given(ARRAYS.filter(lambda a: a.size), st.data())
@settings(max_examples=200, deadline=None)
def test_one_value_outside_of_the_tolerance_fails_and_one_inside_passes(want, data):
    index = tuple(data.draw(st.integers(0, n - 1)) for n in want.shape)
    allowed = 1e-6 + 1e-5 * np.abs(want).max()
    for factor, passes in ((0.9, True), (1.2, False)):
        got = want.copy()
        got[index] += factor * allowed
        if passes:
            expect_close(got, want, "x")
        else:
            assert "the answer is wrong" in message(got, want)


@given(ARRAYS.filter(lambda a: a.size), st.sampled_from([np.nan, np.inf, -np.inf]), st.data())
@settings(max_examples=200, deadline=None)
def test_nan_and_infinity_never_pass_for_a_number_nor_a_number_for_them(want, bad, data):
    index = tuple(data.draw(st.integers(0, n - 1)) for n in want.shape)
    holed = want.copy()
    holed[index] = bad
    assert ("NaN" if np.isnan(bad) else "infinite") in message(holed, want)
    assert f"expected {bad:g}" in message(want, holed)
    expect_close(holed, holed, "x")


def test_infinities_of_other_sign_and_nan_for_infinity_fail():
    assert "expected inf at [2], got -inf" in message([np.nan, 1.0, -np.inf], [np.nan, 1.0, np.inf])
    assert "NaN" in message([1.0, np.nan], [1.0, np.inf])
    message([0.0, -np.inf], [-np.inf, 0.0])


@pytest.mark.parametrize(
    ("got", "want", "says"),
    [
        (None, 1.0, "return"),
        (np.zeros((3, 2)), np.zeros((2, 3)), "axes are in another order"),
        (np.zeros((2, 3, 1)), np.zeros((2, 3)), "an axis missing"),
        (np.zeros(4), np.zeros(5), "axis 0 is 1 too short"),
        (np.zeros((2, 7)), np.zeros((2, 5)), "axis 1 is 2 too long"),
        (np.zeros((2, 7)), np.zeros((3, 5)), "should have shape (3, 5)"),
        ([], [1.0, 2.0], "axis 0 is 2 too short"),
        ([1.0, 2.0], [1.0, 2j], "phase or the imaginary part dropped"),
        (np.zeros(3), np.arange(3.0), "every value is zero"),
        (-np.arange(3.0), np.arange(3.0), "sign is flipped"),
        (np.array([1 - 2j, 3 + 1j]), np.array([1 + 2j, 3 - 1j]), "complex conjugate"),
        (np.arange(9.0).reshape(3, 3).T, np.arange(9.0).reshape(3, 3), "axes are swapped"),
        ([3.0, 1.0, 2.0], [2.0, 1.0, 3.0], "reversed along axis 0"),
        ([[3.0, 1.0], [2.0, 5.0]], [[1.0, 3.0], [5.0, 2.0]], "reversed along axis 1"),
        ([7.0, 1.0, 5.0, 2.0], [1.0, 5.0, 2.0, 9.0], "off by one"),
        ([5.0, 2.0, 9.0, 7.0], [1.0, 5.0, 2.0, 9.0], "off by one"),
        ([2.0, 6.0, -4.0], [1.0, 3.0, -2.0], "every value is 2 times"),
        ([1j, 3j], [1.0 + 0j, 3.0 + 0j], "times the right one"),
        ([2.0, 4.0, -1.0], [1.0, 3.0, -2.0], "off by the same 1"),
        ([1.0, 2.5, 7.0], [1.0, 2.0, 7.0], "expected 2 at [1], got 2.5"),
        (3.5, 2.0, "expected 2, got 3.5"),
        ("abc", [1.0], "should be numbers"),
        ([True, False], [False, True], "reversed"),
        (np.array([3], np.uint8), np.array([4], np.uint8), "expected 4 at [0], got 3"),
        (np.array([6e4], np.float16), np.array([-6e4], np.float16), "sign is flipped"),
        ([1.0, 2.00005, 3.0], [1.0, 2.0, 3.0], "lower precision"),
    ],
)
def test_the_message_names_the_mistake(got, want, says):
    assert says in message(got, want)


def test_unsigned_differences_do_not_wrap():
    expect_close(np.array([3], np.uint8), np.array([4], np.uint8), "x", atol=1.5)
    assert "wrong" in message(np.array([255], np.uint8), np.array([0], np.uint8), atol=1.5)


def test_a_symmetric_array_is_not_called_its_own_mirror_image():
    window = np.hanning(9)
    got = window + 3e-5
    for name in ("reversed", "flipped", "swapped"):
        assert name not in message(got, window)
    square = np.outer(window, window)
    assert "swapped" not in message(square + 3e-5, square)
    assert "off by one" not in message(np.full(5, 1.00005), np.ones(5))


def test_a_named_mistake_is_told_but_not_where_it_changes_nothing():
    mistakes = {"you forgot the square.": lambda: np.array([1.0, 3.0])}
    assert message([1.0, 3.0], [1.0, 9.0], mistakes=mistakes).endswith("you forgot the square.")
    assert "forgot" not in message([1.00008, 3.0], [1.0, 3.0], mistakes=mistakes)
    assert "forgot" in message([1.0, 3.0], [1.0], mistakes=mistakes)  # also when the shape tells


def test_the_context_is_in_every_message():
    for got in (None, [1.0], [np.nan, 1.0], [3.0, 4.5]):
        text = message(got, [1.0, 2.0], context="for a signal of 2 samples")
        assert got is None or "for a signal of 2 samples" in text


def test_an_answer_with_many_axes_is_judged_in_time():
    want = np.arange(2.0**9).reshape((2,) * 9)
    assert "wrong" in message(want + np.random.default_rng(0).normal(size=want.shape), want)


HOSTILE = {
    "equals everything": hostile.EqualsEverything(),
    "equal types": hostile.OfEqualType(),
    "pretends": hostile.PretendsToBe(),
    "float": hostile.LyingFloat(1.0),
    "int": hostile.LyingInt(1),
    "str": hostile.LyingStr("wrong"),
    "scalar": hostile.LyingScalar(1.0),
    "array": hostile.LyingArray([1.0, 2.0, 3.0]),
    "tensor": torch.ones(3).as_subclass(hostile.LyingTensor),
    "wrapper": hostile.WrappingTensor(3),
    "dict": hostile.LyingDict(a=1.0),
    "list": hostile.LyingList([1.0, 2.0]),
    "nan": float("nan"),
    "nans": np.full(3, np.nan),
    "nested": [[hostile.EqualsEverything()] * 3],
    "objects": np.array([hostile.EqualsEverything()] * 3, dtype=object),
    "missing": None,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "want", [42.0, 42, "right", [42.0] * 3, np.full(3, 42.0), torch.full((3,), 42.0), {"a": 42.0}, b"x"], ids=repr
)
def test_no_value_talks_itself_into_a_pass(name, want):
    message_of_equal(HOSTILE[name], want)
    if not isinstance(want, (str, bytes, dict)):
        message(HOSTILE[name], want)


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (1.0, 1), (np.int64(3), 3), ((1, 2), [1, 2]), (np.array([1, 2]), [1, 2]), (torch.tensor([1, 2]), [1, 2]),
        ([torch.tensor(1), np.int8(2)], [1, 2]), ({"a": np.array([1, 2])}, {"a": [1, 2]}), (np.bool_(True), True),
        (float("nan"), np.nan), ([np.nan, 1], [float("nan"), 1.0]), ("ab", "ab"), ([], ()), (2**70, 2**70),
        (hostile.Colour.RED, 1), ({1: "a"}, {np.int64(1): "a"}), ([[1], [2, 3]], ((1,), (2, 3))), (1e300, 1e300),
        (None, None),
    ],
)
def test_equal_values_are_equal_in_any_container(got, want):
    expect_equal(got, want, "x")


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (1, 2), ("1", 1), ([1], [1, 2]), ([1, 2], [2, 1]), ([], None), (None, 0), ({"a": 1}, {"b": 1}), ({}, []),
        ([[1, 2]], [[1], [2]]), (b"a", "a"), (float("nan"), 0), (2**53, 2**53 + 1), (0.1 + 0.2, 0.3), ("", []),
        (float(2**70), 2**70 + 1), ([1, [2]], [1, 2]), (1.5, 1), (0, ""), (float("inf"), 10**400),
    ],
)
def test_unequal_values_are_told_with_both_values(got, want):
    text = message_of_equal(got, want)
    assert text.startswith("the answer is")
    assert got is None or ("expected" in text and "got" in text)


def test_a_named_mistake_of_an_exact_value_is_told():
    mistakes = {"you did not merge repeats.": lambda: (1, 1, 2)}
    text = message_of_equal([1, 1, 2], [1, 2], mistakes=mistakes, context="for x")
    assert text == "the answer is wrong for x: you did not merge repeats. Expected [1, 2], got [1, 1, 2]."
    assert "merge" not in message_of_equal([1, 3], [1, 2], mistakes=mistakes)
