"""Dynamic time warping: the cheapest way through a matrix of frame distances, from corner to corner.

Conventions. `cost[i, j]` is the distance of frame i of one sequence to frame j of the other. A path visits cells in
order; each step goes on by one of `steps`. With the default steps no frame of either sequence is left out.

The cells of one anti-diagonal (i + j constant) need only earlier anti-diagonals, so each is computed at once, for a
whole batch. Derived in unit 11_dtw_hmm.

Papers: H. Sakoe, S. Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE TASSP 26,
1978; T. Vintsyuk, "Speech discrimination by dynamic programming", 1968.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

STEPS = ((1, 1), (0, 1), (1, 0))
"""Both go on, the second alone, the first alone. Ties go to the step that stands first."""

SLOPED = ((1, 1), (1, 2), (2, 1))
"""Steps that keep the slope between 1/2 and 2: no frame is held, but frames may be left out."""

Lengths = tuple[Sequence[int], Sequence[int]]


class Warp(NamedTuple):
    """`total` is the cost of the path, `path` its cells (cells, 2) from (0, 0) to the last one, in order."""

    total: Any
    path: Any


def dtw(
    cost: Any, *, steps: Sequence[tuple[int, int]] = STEPS, band: int | None = None, lengths: Lengths | None = None,
) -> Warp:
    """The cheapest path and its cost.

    Args:
        cost: (..., rows, columns) array or tensor; infinite where no path may go.
        steps: what may be added to (row, column), such as `SLOPED`. A step pays for the cell where it ends.
        band: largest distance in columns from the straight line between the corners (Sakoe and Chiba); None: no limit.
        lengths: valid rows and valid columns of each matrix of a batch; what lies beyond has no influence.

    Returns:
        Warp: for one matrix a scalar and an int64 (cells, 2) array; for a batch (...) totals and a list of paths in
        the order of the flattened batch. Numpy for numpy, a tensor for a tensor: then the total is the sum of the
        entries of `cost` along the path and carries their gradient. Without any path: infinity and no cells.

    Raises:
        ValueError: fewer than two axes, an empty matrix or batch, lengths that do not fit, NaN or minus infinity, a
            negative band, no step or one that does not go on.

    >>> warp = dtw(np.array([[0.0, 2.0, 5.0], [3.0, 1.0, 0.0]]))
    >>> float(warp.total), warp.path.tolist()
    (1.0, [[0, 0], [1, 1], [1, 2]])
    """
    values, rows, columns = _checked(cost, steps, band, lengths)
    lines = list(_accumulate(values, steps))
    ends = [(b, n - 1, m - 1) for b, (n, m) in enumerate(zip(rows, columns, strict=True))]
    paths = [_backtrack(lines, *end, steps) for end in ends]
    shape = tuple(cost.shape[:-2]) if isinstance(cost, Tensor) else np.shape(cost)[:-2]
    if isinstance(cost, Tensor):
        flat = cost.reshape(-1, *cost.shape[-2:])
        totals = torch.stack([_along(flat[b], path) for b, path in enumerate(paths)]).reshape(shape)
        paths = [torch.from_numpy(path) for path in paths]
    else:
        totals = np.array([lines[i + j][i, b] for b, i, j in ends], values.dtype).reshape(shape)[()]
    return Warp(totals, paths if shape else paths[0])


def dtw_cost(
    cost: Any, *, steps: Sequence[tuple[int, int]] = STEPS, band: int | None = None, lengths: Lengths | None = None,
) -> Any:
    """The cost of the cheapest path alone: as `dtw(...).total`, in memory for a few anti-diagonals, without gradient.

    Args and errors: as in `dtw`.

    Returns:
        (...) totals.

    >>> dtw_cost(torch.ones(2, 4, 6))
    tensor([6., 6.])
    """
    values, rows, columns = _checked(cost, steps, band, lengths)
    rows, columns = np.array(rows), np.array(columns)
    totals = np.full(len(values), np.inf, values.dtype)
    ends_on = rows + columns - 2
    for d, line in enumerate(_accumulate(values, steps, kept=1)):
        here = np.flatnonzero(ends_on == d)
        totals[here] = line[rows[here] - 1, here]
    totals = totals.reshape(np.shape(cost)[:-2])
    return torch.from_numpy(totals).to(cost.device) if isinstance(cost, Tensor) else totals[()]


def _checked(cost: Any, steps: Sequence, band: int | None, lengths: Lengths | None) -> tuple[np.ndarray, list, list]:
    values = cost.detach().cpu().numpy() if isinstance(cost, Tensor) else np.asarray(cost)
    values = values if values.dtype in (np.float32, np.float64) else values.astype(np.float64)
    if values.ndim < 2 or 0 in values.shape:
        raise ValueError(f"dtw takes (..., rows, columns) with at least one of each, got shape {values.shape}")
    if np.isnan(values).any() or np.isneginf(values).any():
        raise ValueError("the cost matrix holds NaN or minus infinity")
    if band is not None and not band >= 0:
        raise ValueError(f"the band is a number of columns, 0 or more, got {band}")
    if not len(steps) or any(min(step) < 0 or max(step) < 1 for step in steps):
        raise ValueError(f"at least one step, and each must go on in a row or a column and never back: {tuple(steps)}")
    values = values.reshape(-1, *values.shape[-2:])
    batch, n, m = values.shape
    rows, columns = ([n] * batch, [m] * batch) if lengths is None else (list(map(int, side)) for side in lengths)
    if len(rows) != batch or len(columns) != batch or min(rows + columns) < 1 or max(rows) > n or max(columns) > m:
        raise ValueError(f"lengths must be {batch} numbers of rows up to {n} and of columns up to {m}")
    if band is not None:
        values = _banded(values, np.array(rows), np.array(columns), band)
    return values, rows, columns


def _banded(values: np.ndarray, rows: np.ndarray, columns: np.ndarray, band: int) -> np.ndarray:
    """Infinity farther than `band` columns from the line through the corners."""
    i, j = np.arange(values.shape[1])[:, None], np.arange(values.shape[2])
    slope = (columns - 1) / np.maximum(rows - 1, 1)
    reach = np.maximum(band, np.maximum(slope, 1) / 2) + 1e-6               # never so narrow that no path is left
    reach = np.where(rows == 1, columns, reach)
    outside = np.abs(j - slope[:, None, None] * i) > reach[:, None, None]
    return np.where(outside, np.array(np.inf, values.dtype), values)


def _accumulate(values: np.ndarray, steps: Sequence[tuple[int, int]], kept: int | None = None) -> Iterator[np.ndarray]:
    """Yield the accumulated cost along each anti-diagonal: (rows, batch), infinite outside of the matrix.

    All anti-diagonals stay in memory, or `kept` of them; the batch lies innermost, so that each is one block.
    """
    batch, n, m = values.shape
    if m == 1:  # cells of one anti-diagonal lie m - 1 apart
        values, m = np.concatenate([values, np.full_like(values, np.inf)], 2), 2
    cells = np.ascontiguousarray(values.reshape(batch, -1).T)
    deepest, margin = max(map(sum, steps)), max(i for i, _ in steps)
    kept = n + m - 1 + deepest if kept is None else kept + deepest
    # The margin of infinity stands for what lies above the first row and before the first anti-diagonal.
    lines = np.full((kept, margin + n, batch), np.inf, values.dtype)
    lines[deepest % kept, margin] = cells[0]
    yield lines[deepest % kept, margin:]
    for d in range(1, n + m - 1):
        low, high = max(0, d - m + 1), min(n, d + 1)        # rows that this anti-diagonal meets
        line = lines[(d + deepest) % kept]
        line[max(margin + low - kept, 0) : margin + low] = np.inf
        here = line[margin + low : margin + high]
        before = [
            lines[(d - i - j + deepest) % kept][margin + low - i : margin + high - i] for i, j in steps
        ]
        if len(before) == 1:
            before *= 2
        np.minimum(before[0], before[1], out=here)
        for other in before[2:]:
            np.minimum(here, other, out=here)
        here += cells[d + low * (m - 1) : d + (high - 1) * (m - 1) + 1 : m - 1]
        yield line[margin:]


def _backtrack(lines: list[np.ndarray], b: int, i: int, j: int, steps: Sequence[tuple[int, int]]) -> np.ndarray:
    """From the last cell to the first, each time to the cheapest cell before."""
    if not np.isfinite(lines[i + j][i, b]):
        return np.empty((0, 2), np.int64)
    path = [i, j]
    while i or j:
        best, cheapest = (0, 0), np.inf
        for di, dj in steps:
            if di <= i and dj <= j:
                value = lines[i + j - di - dj].item(i - di, b)
                if value < cheapest:
                    best, cheapest = (di, dj), value
        i, j = i - best[0], j - best[1]
        path += i, j
    return np.array(path, np.int64).reshape(-1, 2)[::-1].copy()


def _along(cost: Tensor, path: np.ndarray) -> Tensor:
    return cost[path[:, 0], path[:, 1]].sum() if len(path) else cost.new_full((), torch.inf)
