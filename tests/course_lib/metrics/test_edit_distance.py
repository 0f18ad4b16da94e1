"""Edit counts against torchaudio, exhaustive alignment and the laws of a distance."""

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.metrics import EditCounts, edit_counts, error_interval, error_rate

strings = st.text("abc", max_size=7)


def recursive_distance(a, b):
    @lru_cache(None)
    def d(i, j):
        if not i or not j:
            return i + j
        return min(d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + (a[i - 1] != b[j - 1]))
    return d(len(a), len(b))


@given(strings, strings)
@settings(max_examples=200, deadline=None)
def test_errors_are_the_levenshtein_distance_and_the_counts_fit_the_lengths(a, b):
    counts = edit_counts(a, b)
    assert counts.errors == recursive_distance(a, b)
    assert counts.length == len(a)
    assert len(a) - counts.deletions + counts.insertions == len(b)
    turned = edit_counts(b, a)
    assert (turned.substitutions, turned.deletions, turned.insertions) == (
        counts.substitutions, counts.insertions, counts.deletions)


def test_agrees_with_torchaudio():
    from torchaudio.functional import edit_distance

    rng = np.random.default_rng(0)
    for _ in range(50):
        a, b = rng.integers(4, size=rng.integers(12)).tolist(), rng.integers(4, size=rng.integers(12)).tolist()
        assert edit_counts(a, b).errors == edit_distance(a, b)


@pytest.mark.parametrize(("reference", "hypothesis", "want"), [
    ("", "", (0, 0, 0, 0)), ("", "ab", (0, 0, 2, 0)), ("ab", "", (0, 2, 0, 2)), ("abc", "abc", (0, 0, 0, 3)),
    ("abc", "ac", (0, 1, 0, 3)), ("ac", "abc", (0, 0, 1, 2)), ("abc", "axc", (1, 0, 0, 3)), ("ab", "ba", (2, 0, 0, 2)),
])  # fmt: skip
def test_kinds_of_errors(reference, hypothesis, want):
    assert edit_counts(reference, hypothesis) == EditCounts(*want)


def test_rate_of_a_set_weighs_long_strings_more():
    assert error_rate(["a", "bbbbbbbbb"], ["x", "bbbbbbbbb"]).rate == pytest.approx(0.1)
    assert error_rate([[1]], [[1, 1, 1]]).rate == pytest.approx(2.0)
    assert edit_counts("", "a").rate == np.inf
    assert error_rate([], []).rate == 0.0


def test_interval_holds_the_truth_about_as_often_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    for trial in range(200):
        wrong = rng.random((60, 4)) < 0.1
        references = [[0] * 4] * 60
        low, high = error_interval(references, wrong.astype(int).tolist(), draws=300, seed=trial)
        hits += low <= 0.1 <= high
    # 190 expected; the percentile bootstrap is known to be a little narrow on 60 strings.
    assert 175 <= hits <= 200


def test_interval_is_repeatable_and_zero_without_errors():
    assert error_interval(["ab"] * 5, ["ab"] * 5) == (0.0, 0.0)
    pairs = ["abc", "abb", "aab"], ["abc", "abc", "abb"]
    assert error_interval(*pairs, seed=3) == error_interval(*pairs, seed=3)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="one hypothesis for each of 2"):
        error_rate(["a", "b"], ["a"])
    with pytest.raises(ValueError, match="at least one reference symbol"):
        error_interval([""], ["a"])
