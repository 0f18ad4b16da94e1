"""The monotone path against the enumeration of all paths, and the arithmetic of onsets."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.models import align, align_scores
from course_lib.models.phone_classifier import force_align
from course_lib.models.phrase_batches import HOP_SECONDS, places_of


@settings(deadline=None)
@given(frames=st.integers(1, 9), symbols=st.integers(1, 5), seed=st.integers(0, 999), zeros=st.booleans())
def test_the_path_is_the_best_of_all(frames, symbols, seed, zeros):
    weights = np.random.default_rng(seed).random((frames, symbols))
    weights = weights * (weights > 0.5) if zeros else weights
    if symbols > frames:
        with pytest.raises(ValueError, match="cannot hold"):
            align(weights, 0.02)
        return
    path, onsets = align(weights, 0.02)
    scores = np.log(np.maximum(weights, 1e-6))
    best = max(
        scores[np.arange(frames), np.searchsorted([0, *starts], np.arange(frames), side="right") - 1].sum()
        for starts in combinations(range(1, frames), symbols - 1)
    )
    assert scores[np.arange(frames), path].sum() == pytest.approx(best)
    assert path[0] == 0
    assert path[-1] == symbols - 1
    assert set(np.diff(path)) <= {0, 1}
    assert onsets[0] == 0
    assert (np.diff(onsets) > 0).all()


def test_frames_by_the_truth_lead_back_to_the_truth_within_half_a_frame():
    true = np.array([0.0, 0.113, 0.25, 0.4])
    places = places_of(true, 30)
    found = align(np.eye(4)[places], HOP_SECONDS)
    np.testing.assert_array_equal(found.path, places)
    assert np.abs(found.onsets - true).max() <= HOP_SECONDS / 2 + 1e-9


def test_forced_alignment_takes_the_columns_of_the_text():
    log_p = np.log(np.full((6, 5), 0.05))
    log_p[:2, 3], log_p[2:4, 1], log_p[4:, 3] = 0.0, 0.0, 0.0
    assert force_align(log_p, np.array([3, 1, 3]), 0.1).path.tolist() == [0, 0, 1, 1, 2, 2]


def test_a_single_symbol_has_all_frames():
    assert align_scores(np.zeros((4, 1)), 0.1).path.tolist() == [0, 0, 0, 0]
