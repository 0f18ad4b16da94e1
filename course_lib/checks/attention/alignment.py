"""The monotone path through an attention matrix, against the enumeration of all of them, and its onsets."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.attention import oracles as oracle
from course_lib.checks.core import CheckFailed, as_array, expect, expect_close, passed, subject, visible_rng

FLOOR = 1e-6


def align(answer, *, rng: Generator | None = None, cases: int = 12) -> None:
    """Small matrices against all paths, a long one, zeros, a symbol that nobody looks at. (exercise 14.3)"""
    f, rng = subject(answer), visible_rng(rng)
    for _ in range(2):
        _expect_alignment(f, _telling(rng), rng.uniform(0.005, 0.05))
    for i in range(cases):
        frames = int(rng.integers(3, 10))
        symbols = (1, frames)[i] if i < 2 else int(rng.integers(2, min(frames, 5) + 1))
        _expect_alignment(f, oracle.attention_matrix(rng, frames, symbols), rng.uniform(0.005, 0.05))
    for frames, symbols in ((40, 6), (90, 14)):
        _expect_alignment(f, oracle.attention_matrix(rng, frames, symbols, sharp=0.5), rng.uniform(0.005, 0.05))
    _expect_alignment(f, _skipped(rng), 0.02, "in which one symbol has a weight of zero in every frame")
    _expect_alignment(f, _skipped(rng, first=True), 0.02, "in which the first and the last symbol are hardly looked at")
    _expect_alignment(f, _floored(rng), 0.02, "with a floor of 0.1", floor=0.1)
    _expect_alignment(f, _nearly_all_on_the_last(), 0.02, "in which nearly every frame looks at the last symbol")
    passed("align", f"{cases + 8} matrices, against all paths or all borders")


def _floored(rng: Generator) -> ndarray:
    """A matrix whose best path changes when small weights are lifted to the floor, and when it is added to all."""
    for _ in range(300):
        weights = oracle.attention_matrix(rng, 14, 5)
        scores, rows = np.log(np.maximum(weights, 0.1)), np.arange(14)
        best = scores[rows, oracle.best_path(scores)].sum()
        bare, added = (oracle.best_path(np.log(w)) for w in (weights, weights + 0.1))
        if (bare != added).any() and best - max(scores[rows, path].sum() for path in (bare, added)) > 0.05:
            break
    return weights


def _telling(rng: Generator) -> ndarray:
    """A matrix on which the usual mistakes give other paths than the right one, and than each other."""
    for _ in range(60):
        weights = oracle.attention_matrix(rng, 9, 5, sharp=0.0)
        scores = np.log(weights)
        paths = [tuple(path) for path in _path_mistakes(weights, scores, FLOOR).values()]
        own, skips, _, begins, ends, *_ = paths
        if tuple(oracle.best_path(scores)) not in paths and own not in paths[1:] and len({skips, begins, ends}) == 3:
            break
    return weights


def _nearly_all_on_the_last() -> ndarray:
    """A text so long that to begin with its first symbol costs more than 1000: minus infinity must be just that."""
    weights = np.eye(90)[np.full(100, 89)]
    weights[50, [0, 89]] = 0.6, 0.4
    return weights


def _skipped(rng: Generator, *, first: bool = False) -> ndarray:
    weights = oracle.attention_matrix(rng, 9, 5, sharp=3.0)
    weights[:, [0, -1] if first else 2] *= 1e-3 if first else 0.0
    return weights


def _path_mistakes(weights: ndarray, scores: ndarray, floor: float) -> dict[str, ndarray]:
    table = {}
    if weights.min() < floor:
        table |= {
            "the logarithm has no floor, or another one: take ln max(weight, floor).": oracle.best_path(
                np.log(weights + 1e-200)
            ),
            "the floor is added to every weight: take ln max(weight, floor).": oracle.best_path(
                np.log(weights + floor)
            ),
        }
    return table | {
        "each frame takes its own largest weight: such a path may go back and may leave symbols out.": weights.argmax(
            1
        ),
        "the path skips symbols: it may stay or move on by one, never by more.": oracle.free_path(scores, jump=2),
        "the path may move on by any number: every symbol needs a frame.": oracle.free_path(
            scores, jump=len(scores[0])
        ),
        "your path may begin with any symbol: begin with symbol 0.": oracle.free_path(scores, start=True),
        "your path may end with any symbol: end with the last one, M - 1.": oracle.free_path(scores, end=True),
        "your path may begin and end with any symbol: begin with 0, end with the last one, M - 1.": oracle.free_path(
            scores, start=True, end=True
        ),
        "the weights themselves are added up: add their logarithms.": oracle.best_path(weights),
        "the path has the smallest sum: look at the sign of the cost.": oracle.best_path(-scores),
        "its symbols count from 1: the first is 0.": oracle.best_path(scores) + 1,
    }


def _expect_alignment(f, weights: ndarray, hop: float, what: str = "", *, floor: float = FLOOR) -> None:
    frames, symbols = weights.shape
    scores = np.log(np.maximum(weights, floor))
    want = oracle.best_path(scores)
    context = f"for {frames} frames and {symbols} symbols{', ' + what if what else ''}"
    got = f.call(weights, hop, floor=floor)
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        raise CheckFailed("expected two results, (path, onsets).")
    path = _as_indices(got[0], frames, context)
    _expect_path(path, want, weights, scores, floor, context)
    _expect_onsets(got[1], path, hop, context)


def _as_indices(path, frames: int, context: str) -> ndarray:
    """The path as int64, whatever kind of number it came as."""
    path = as_array(path, "the path")
    expect(
        path.shape == (frames,),
        f"the path should have one symbol for each frame, shape ({frames},), got {path.shape} {context}.",
    )
    whole = not np.iscomplexobj(path) and np.isfinite(path).all() and (np.abs(path) < 2**53).all()
    expect(
        whole and (path == np.round(path)).all(),
        f"the path should hold the number of the symbol of each frame, whole numbers, got {path[:12].tolist()} "
        f"{context}.",
    )
    return path.astype(np.int64)


def _expect_path(path: ndarray, want: ndarray, weights: ndarray, scores: ndarray, floor: float, context: str) -> None:
    frames, symbols = weights.shape
    whole = path[0] == 0 and path[-1] == symbols - 1 and set(np.diff(path)) <= {0, 1}
    if whole:
        lost = scores[np.arange(frames), want].sum() - scores[np.arange(frames), path].sum()
        if lost < 1e-3:  # another path that is as good, but for round-off
            return
    for sentence, wrong in _path_mistakes(weights, scores, floor).items():
        if (path == wrong).all() and (wrong != want).any():
            raise CheckFailed(f"the path is wrong {context}: {sentence}")
    if whole:
        zero = " A weight of zero has a logarithm of minus infinity: is there a floor?" if not weights.all() else ""
        raise CheckFailed(
            f"the path is not the best {context}: its sum of ln max(weight, floor) is {lost:.4g} below the best.{zero}"
        )
    steps = np.diff(path)
    if (steps > 1).any():
        at = int(np.argmax(steps > 1))
        raise CheckFailed(
            f"the path skips symbols {context}: it moves from {path[at]:g} to {path[at + 1]:g} at frame {at + 1}. It "
            "may stay or move on by one, never by more."
        )
    raise CheckFailed(f"the path is not monotone from symbol 0 to symbol {symbols - 1} {context}: {path[:12].tolist()}")


def _expect_onsets(onsets, path: ndarray, hop: float, context: str) -> None:
    first = np.flatnonzero(np.diff(path, prepend=-1))
    want = np.maximum((first - 0.5) * hop, 0.0)
    expect_close(
        onsets,
        want,
        "the array of onsets in seconds",
        rtol=1e-5,
        atol=1e-6,
        context=context,
        mistakes={
            "this is the centre of the first frame of a symbol, n · hop; the border to the frame before lies half a "
            "hop earlier.": first * hop,
            "the first onset is negative: nothing begins before 0.": (first - 0.5) * hop,
            "it is (n + 1/2) · hop: the half has the wrong sign. The border before frame n lies at (n - 1/2) · hop.": (
                first + 0.5
            )
            * hop,
            "these are the borders at (n + 1/2) · hop, one frame late: the half has the wrong sign, or n is not the "
            "first frame of a symbol. The border before frame n lies at (n - 1/2) · hop.": (first + 0.5)
            * hop
            * (first > 0),
            "it is one frame early.": np.maximum((first - 1.5) * hop, 0.0),
            "these are frames, not seconds.": np.maximum(first - 0.5, 0.0),
            "these are the indices of frames, not seconds.": first,
            "this is where each symbol ends.": (np.append(first[1:], len(path)) - 0.5) * hop,
        },
    )
