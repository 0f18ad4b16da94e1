"""Buckets: every utterance once, similar lengths together, repeatable; and letters there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import data
from course_lib.data.letters import ALPHABET, LETTER_CLASSES, spelled, to_letters, to_text


@given(st.lists(st.integers(1, 500), max_size=60), st.integers(1, 9), st.integers(1, 5), st.booleans())
def test_every_utterance_is_in_exactly_one_batch(lengths, size, pool, shuffled):
    rng = np.random.default_rng(0) if shuffled else None
    batches = data.length_buckets(lengths, size, rng, pool=pool)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert all(1 <= len(batch) <= size for batch in batches)


def test_without_a_generator_batches_go_from_short_to_long():
    lengths = np.random.default_rng(0).integers(1, 99, 50)
    flat = [lengths[i] for batch in data.length_buckets(lengths, 7) for i in batch]
    assert flat == sorted(flat)


def test_batches_of_one_pool_come_in_any_order_each_of_like_lengths():
    lengths = np.random.default_rng(0).permutation(100)
    batches = data.length_buckets(lengths, 5, np.random.default_rng(1), pool=20)
    shortest = [min(lengths[batch]) for batch in batches]
    assert all(np.ptp(lengths[batch]) == 4 for batch in batches)
    assert shortest != sorted(shortest)
    assert data.padding_share(lengths + 1, [[0], [1, 2]]) == pytest.approx(
        abs(lengths[1] - lengths[2]) / (lengths[0] + 1 + 2 * (max(lengths[1:3]) + 1)))


def test_larger_pools_pad_less_and_the_same_seed_gives_the_same():
    lengths = np.random.default_rng(0).lognormal(3, 0.6, 1000).astype(int) + 1
    shares = [data.padding_share(lengths, data.length_buckets(lengths, 10, np.random.default_rng(1), pool=p))
              for p in (1, 5, 100)]
    assert shares[0] > 2 * shares[1] > 4 * shares[2]
    again = [data.length_buckets(lengths, 10, np.random.default_rng(s)) for s in (1, 1, 2)]
    assert again[0] == again[1] != again[2]


def test_bad_sizes_are_told():
    with pytest.raises(ValueError, match="at least 1"):
        data.length_buckets([1], 0)
    assert data.length_buckets([], 4) == []
    assert data.padding_share([], []) == 0.0


@given(st.text(alphabet=ALPHABET[1:], max_size=30))
def test_letters_go_there_and_back(text):
    classes = to_letters(text.upper())
    assert to_text(classes) == text
    assert all(0 < k < LETTER_CLASSES for k in classes)


def test_digits_are_spelled_and_strange_letters_told():
    assert spelled([0, 9, 9]) == "zero nine nine"
    with pytest.raises(ValueError, match="alphabet"):
        to_letters("naïve")
    with pytest.raises(ValueError, match="alphabet"):
        to_letters("a-b")
    for wrong in (0, -1, LETTER_CLASSES):
        with pytest.raises(ValueError, match="no letter"):
            to_text([1, wrong])
