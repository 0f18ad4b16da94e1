"""PCAS against a fine grid of time and against mir_eval."""

import mir_eval
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


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_percentage_of_correct_segments_of_mir_eval(seed):
    rng = np.random.default_rng(seed)
    true, said = (np.sort(np.append(0, rng.uniform(0.01, 2.9, 12))) for _ in range(2))
    want = mir_eval.alignment.percentage_correct_segments(true[1:], said[1:], duration=3.0)
    assert correctly_aligned(said, true, 3.0) == pytest.approx(100 * want)


@pytest.mark.parametrize(
    ("said", "true", "end", "counted", "message"),
    [
        ([0, np.nan], [0, 0.5], 1.0, None, "estimated"),
        ([0, 0.9, 0.2], [0, 0.3, 0.6], 1.0, None, "estimated"),
        ([0, 0.5], [0, np.nan], 1.0, None, "true"),
        ([0, 0.5], [0, 0.5], 0.3, None, "true"),
        ([0, 0.5], [0, 0.5], np.nan, None, "true"),
        ([0, 0.5], [0, 0.5], 1.0, [True], "counted"),
        ([0, 0.5, 0.7], [0, 0.5, 0.7], 1.0, [0, 2], "counted"),
        ([], [], 1.0, None, "duration"),
    ],
)
def test_what_is_no_alignment_is_refused(said, true, end, counted, message):
    with pytest.raises(ValueError, match=message):
        correctly_aligned(said, true, end, counted)
