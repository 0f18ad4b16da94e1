"""DTW against librosa, the enumeration of paths, and its own properties."""

import librosa
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal
from course_lib.checks.dtw_hmm.oracle import warping_paths
from course_lib.signal.dynamic_time_warping import SLOPED


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (2, 2), (13, 29), (29, 13), (64, 64)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cost_and_path_of_librosa(shape, dtype):
    cost = np.random.default_rng(1).random(shape).astype(dtype)
    warp = signal.dtw(cost)
    total, path = librosa.sequence.dtw(C=cost.astype(float))
    assert warp.total == pytest.approx(total[-1, -1], rel=1e-5)
    assert warp.path.dtype == np.int64
    if dtype == np.float64:
        assert np.array_equal(warp.path, path[::-1])
    assert signal.dtw_cost(cost) == pytest.approx(warp.total)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 5), m=st.integers(1, 5), seed=st.integers(0, 1000))
def test_the_path_is_the_cheapest_of_all(n, m, seed):
    cost = np.random.default_rng(seed).random((n, m))
    warp = signal.dtw(cost)
    costs = {tuple(path): sum(cost[cell] for cell in path) for path in warping_paths(n, m)}
    assert warp.total == pytest.approx(min(costs.values()))
    assert costs[tuple(map(tuple, warp.path.tolist()))] == pytest.approx(warp.total)


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 12), m=st.integers(1, 12), seed=st.integers(0, 1000))
def test_symmetry_and_reversal(n, m, seed):
    cost = np.random.default_rng(seed).random((n, m))
    total = signal.dtw_cost(cost)
    assert signal.dtw_cost(cost.T) == pytest.approx(total)
    assert signal.dtw_cost(cost[::-1, ::-1]) == pytest.approx(total)


def test_a_batch_is_its_matrices_and_padding_has_no_influence():
    rng = np.random.default_rng(2)
    cost = rng.random((3, 2, 9, 11))
    rows, columns = [9, 1, 4, 9, 6, 2], [11, 3, 1, 5, 11, 2]
    warp = signal.dtw(cost, lengths=(rows, columns))
    totals = signal.dtw_cost(cost, lengths=(rows, columns))
    assert warp.total.shape == (3, 2)
    assert len(warp.path) == 6
    for b, (n, m) in enumerate(zip(rows, columns, strict=True)):
        alone = signal.dtw(cost.reshape(-1, 9, 11)[b, :n, :m])
        assert warp.total.flat[b] == pytest.approx(alone.total)
        assert totals.flat[b] == pytest.approx(alone.total)
        assert np.array_equal(warp.path[b], alone.path)


@pytest.mark.parametrize("steps", [SLOPED, ((1, 1), (2, 1)), ((1, 1),), ((1, 1), (1, 0), (0, 1), (3, 2))])
def test_other_steps_as_in_librosa(steps):
    cost = np.random.default_rng(3).random((17, 17))
    theirs, path = librosa.sequence.dtw(C=cost, step_sizes_sigma=np.array(steps))
    warp = signal.dtw(cost, steps=steps)
    assert warp.total == pytest.approx(theirs[-1, -1])
    assert np.array_equal(warp.path, path[::-1])


def test_no_path_is_infinity_and_no_cells():
    warp = signal.dtw(np.ones((3, 10)), steps=SLOPED)
    assert warp.total == np.inf
    assert warp.path.shape == (0, 2)
    assert signal.dtw(torch.ones(3, 10), steps=SLOPED).total == torch.inf


def test_the_band_keeps_near_the_line_and_always_leaves_a_path():
    rng = np.random.default_rng(4)
    for n, m in ((20, 20), (10, 33), (33, 10), (1, 5), (5, 1)):
        cost = rng.random((n, m))
        for band in (0, 1, 3, 100):
            warp = signal.dtw(cost, band=band)
            assert np.isfinite(warp.total), (n, m, band)
        assert warp.total == pytest.approx(signal.dtw_cost(cost))
    path = signal.dtw(rng.random((20, 20)), band=2).path
    assert np.abs(path[:, 0] - path[:, 1]).max() <= 2


@pytest.mark.parametrize("band", [1, 2, 5])
def test_outside_of_the_band_no_path_goes_however_cheap(band):
    cost = np.random.default_rng(5).random((12, 12)) + 1
    cost[0], cost[:, -1] = 0.0, 0.0                       # the way round the corner is free
    away = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    warp = signal.dtw(cost, band=band)
    assert warp.total == pytest.approx(signal.dtw(np.where(away > band, np.inf, cost)).total)
    assert away[tuple(warp.path.T)].max() == band


def test_ties_go_to_the_first_step():
    assert signal.dtw(np.zeros((3, 3))).path.tolist() == [[0, 0], [1, 1], [2, 2]]
    assert signal.dtw(np.zeros((2, 3)), steps=((0, 1), (1, 0))).path.tolist() == [[0, 0], [1, 0], [1, 1], [1, 2]]


def test_the_gradient_marks_the_path():
    cost = torch.rand(6, 8, dtype=torch.float64, requires_grad=True)
    warp = signal.dtw(cost)
    warp.total.backward()
    marked = torch.zeros(6, 8, dtype=torch.float64)
    marked[warp.path[:, 0], warp.path[:, 1]] = 1
    assert torch.equal(cost.grad, marked)


def test_a_view_and_integers():
    cost = np.arange(40).reshape(5, 8)[::-1, ::2]
    assert signal.dtw(cost).total == pytest.approx(signal.dtw(np.ascontiguousarray(cost).astype(float)).total)


@pytest.mark.parametrize(("cost", "options", "words"), [
    (np.ones(3), {}, "at least one"), (np.ones((0, 3)), {}, "at least one"), (np.array([[np.nan]]), {}, "NaN"),
    (np.ones((2, 2)), {"steps": ((0, 0),)}, "go on"), (np.ones((2, 2)), {"steps": ((1, -1),)}, "never back"),
    (np.ones((2, 2)), {"steps": ()}, "one step"), (np.ones((2, 2)), {"band": -1}, "0 or more"),
    (np.ones((0, 2, 2)), {}, "at least one"), (np.array([[0.0, -np.inf]]), {}, "minus infinity"),
    (np.ones((2, 2)), {"lengths": ([3], [2])}, "lengths"),
])
def test_errors(cost, options, words):
    with pytest.raises(ValueError, match=words):
        signal.dtw(cost, **options)
