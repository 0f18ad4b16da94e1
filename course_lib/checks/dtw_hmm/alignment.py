"""Dynamic time warping: the cost against all paths, the path by its own cost."""

import itertools

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.core import CheckFailed, as_array, expect, expect_close, passed, subject, visible_rng
from course_lib.checks.dtw_hmm import mistakes, oracle


def dtw(answer, *, rng: Generator | None = None, cases: int = 12) -> None:
    """Total cost and path on random matrices of many shapes. (exercise 11.1)"""
    f, rng = subject(answer), visible_rng(rng)
    shapes = [(7, 9), (9, 7), (1, 1), (1, 4), (5, 1), (2, 2), (3, 3), (4, 5), (5, 4), (12, 2), (40, 31)]
    shapes += [tuple(int(k) for k in rng.integers(2, 7, 2)) for _ in range(cases)]
    for i, (n, m) in enumerate(shapes):
        cost = rng.uniform(0.1, 1.0, (n, m))
        if i % 3 == 2:
            cost = np.asfortranarray(cost).astype(np.float32)
        _expect_warped(f, cost)
    _expect_warped(f, _staircase(rng, 9, 6))
    _expect_warped(f, _staircase(rng, 6, 9))
    _expect_warped(f, _staircase(rng, 7, 7))
    for n, m in ((8, 6), (5, 9), (4, 4)):                   # ties, and cells that cost nothing
        _expect_warped(f, rng.integers(0, 3, (n, m)).astype(float))
    large = rng.uniform(0.1, 1.0, (6, 8))
    large[0, 0] = 3.0                                       # whoever can avoid the corner does so
    _expect_warped(f, 1e15 * large, " with costs of about 1e15")
    passed("dtw", f"{len(shapes) + 7} matrices from 1 x 1 to 40 x 31, ties and very large costs among them")


def _staircase(rng: Generator, rows: int, columns: int) -> ndarray:
    """Cheap cells along one random path, so that a wrong path is dear."""
    cost, i, j = rng.uniform(2.0, 3.0, (rows, columns)), 0, 0
    cost[0, 0] = 0.5
    while (i, j) != (rows - 1, columns - 1):
        down = i < rows - 1 and (j == columns - 1 or rng.random() < 0.5)
        i, j = (i + 1, j) if down else (i, j + 1)
        cost[i, j] = rng.uniform(0.05, 0.15)
    return cost


def _expect_warped(f, cost: ndarray, more: str = "") -> None:
    n, m = cost.shape
    context = f"for a matrix of {n} x {m}{more}"
    got = f.call(cost)
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        several = f" of {len(got)}" if isinstance(got, (tuple, list)) else ""
        raise CheckFailed(f"expected two results, (total, path), got {type(got).__name__}{several} {context}.")
    total, path = as_array(got[0], "the total"), as_array(got[1], "the path")
    expect(total.size == 1, f"the total should be one number {context}, got shape {total.shape}.")
    want = oracle.warping_cost(cost.astype(float))
    expect_close(total.reshape(()), want, "the total cost", rtol=1e-5, context=context,
                 mistakes=lambda: mistakes.of_warping(cost.astype(float)))
    _expect_path(path, cost.astype(float), want, context)


def _expect_path(path: ndarray, cost: ndarray, want: float, context: str) -> None:
    n, m = cost.shape
    expect(path.ndim == 2 and path.shape[1:] == (2,), f"the path should have shape (cells, 2) {context}, got "
           f"{path.shape}: one row (i, j) for each cell.")
    expect(len(path), f"the path is empty {context}.")
    expect(path.dtype.kind in "iu", f"the path should hold integers {context}, got {path.dtype}: a float is no index.")
    cells = [tuple(int(k) for k in row) for row in path]
    first, last, corner = cells[0], cells[-1], (n - 1, m - 1)
    expect(not (first == corner and last == (0, 0) and corner != (0, 0)),
           f"the path runs backwards {context}: it was collected from the end, so turn it round.")
    expect(not (n != m and last == corner[::-1] and first == (0, 0)),
           f"the columns of the path are swapped {context}: a row is (i, j), the row of the matrix first.")
    expect(not (first == (1, 1) and last == (n, m)),
           f"the path holds places of the padded table {context}: those of `cost` are one less in both directions.")
    expect(first == (0, 0), f"the path starts in {first} and not in the corner (0, 0) {context}: do you go on back "
           "along the edge when one of the two sequences is used up, and keep the first cell?")
    expect(last == corner, f"the path ends in {last} and not in the corner {corner} {context}: every frame of both "
           "sequences must be used.")
    for a, b in itertools.pairwise(cells):
        step = (b[0] - a[0], b[1] - a[1])
        expect(step in ((1, 1), (1, 0), (0, 1)),
               f"the path goes from {a} to {b} {context}: a step is (1, 1), (1, 0) or (0, 1).")
    own = sum(cost[cell] for cell in cells)
    expect_close(own, want, "the sum of the cost along your path", rtol=1e-5, context=context, mistakes={
        "the path goes back to the neighbour whose own cost is lowest: compare the accumulated costs.":
            lambda: mistakes.greedy_back(cost),
        "the path goes forward to the cheapest next cell: follow the accumulated costs back from the end.":
            lambda: mistakes.greedy_on(cost),
        "the path takes the diagonal wherever it can: go back to the neighbour with the lowest accumulated cost.":
            lambda: mistakes.diagonal_first(cost),
    })
