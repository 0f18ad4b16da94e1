"""The monotone path against the enumeration of all paths, and the arithmetic of onsets."""

from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.models import align, align_scores, hidden_markov
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


def test_a_long_path_is_that_of_the_hidden_markov_model_of_unit_11():
    scores = np.random.default_rng(0).normal(0, 2, (150, 17))
    start, arcs, end = hidden_markov.left_to_right(torch.full((17,), 0.5, dtype=torch.float64).log())
    want = hidden_markov.viterbi(start, arcs, torch.from_numpy(scores), log_end=end).states
    np.testing.assert_array_equal(align_scores(scores, 0.02).path, want)


def test_onsets_lie_half_a_hop_before_the_first_frame_of_a_symbol():
    found = align(np.eye(3)[[0, 0, 0, 1, 2, 2]], 0.2)
    np.testing.assert_array_equal(found.path, [0, 0, 0, 1, 2, 2])
    np.testing.assert_allclose(found.onsets, [0, 0.5, 0.7])


def test_the_floor_is_one_millionth_and_can_be_set():
    """The border lies before frame 1 or before frame 3, by the products of the two weights that are in question."""

    def border(first, second, **floor):
        return align(np.array([[1, 0], first, second, [0, 1]]), 0.01, **floor).path.tolist().index(1)

    assert border([1e-5, 0.1], [1, 1e-3]) == 1                         # 1e-5 < 1e-4
    assert border([1e-5, 0.1], [1, 1e-3], floor=1e-2) == 3             # 1e-2 > 1e-3
    assert border([1e-9, 1e-4], [1, 2e-3]) == 3                        # 1e-6 > 2e-7
    assert border([1e-9, 1e-4], [1, 2e-3], floor=1e-8) == 1            # 1e-8 < 2e-7


def test_what_has_no_path_is_refused():
    weights = np.full((5, 2), 0.5)
    weights[3, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        align(weights, 0.02)
    with pytest.raises(ValueError, match="matrix"):
        align(weights[0], 0.02)
    with pytest.raises(ValueError, match="above zero"):
        align(np.eye(3), 0.02, floor=0.0)
    with pytest.raises(ValueError, match="floor"):
        align_scores(np.array([[0.0, 0.0], [-np.inf, -np.inf], [0.0, 0.0]]), 0.02)
    for symbols in ([0, 2], [0, -1]):
        with pytest.raises(ValueError, match="0 to 1"):
            force_align(np.zeros((4, 2)), symbols, 0.02)
    with pytest.raises(ValueError, match="0 symbols"):
        force_align(np.zeros((4, 2)), [], 0.02)
