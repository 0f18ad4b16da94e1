"""PCAS against a fine grid of time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.metrics import correctly_aligned


@settings(deadline=None)
@given(segments=st.integers(1, 8), seed=st.integers(0, 999))
def test_it_is_the_share_of_time_with_the_right_name(segments, seed):
    rng = np.random.default_rng(seed)
    true, said = (np.sort(np.append(0, rng.integers(1, 400, segments - 1))) / 400 for _ in range(2))
    counted = rng.random(segments) < 0.7
    at = (np.arange(400) + 0.5) / 400
    names = [np.searchsorted(onsets, at, side="right") - 1 for onsets in (true, said)]
    inside = counted[names[0]]
    if not inside.any():
        with pytest.raises(ValueError, match="duration"):
            correctly_aligned(said, true, 1.0, counted)
        return
    want = 100 * (names[0] == names[1])[inside].mean()
    assert correctly_aligned(said, true, 1.0, counted) == pytest.approx(want)


def test_the_truth_is_right_and_counts_must_agree():
    assert correctly_aligned([0, 0.1, 0.5], [0, 0.1, 0.5], 0.7) == pytest.approx(100)
    with pytest.raises(ValueError, match="2 estimated"):
        correctly_aligned([0, 0.1], [0, 0.1, 0.5], 0.7)


def test_a_lone_segment_is_always_right():
    assert correctly_aligned([0.0], [0.0], 1.0) == pytest.approx(100)
