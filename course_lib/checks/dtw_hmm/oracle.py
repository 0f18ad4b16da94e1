"""What the quantities of unit 11_dtw_hmm must be: by enumeration, and by recursions written in another way."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise, product

import numpy as np
from numpy import ndarray
from numpy.random import Generator


def warping_paths(rows: int, columns: int) -> Iterator[list[tuple[int, int]]]:
    """Every path from corner to corner by the steps (1, 1), (1, 0) and (0, 1)."""
    if rows == columns == 1:
        yield [(0, 0)]
        return
    for before in ((rows - 1, columns - 1), (rows - 1, columns), (rows, columns - 1)):
        if min(before) >= 1:
            for path in warping_paths(*before):
                yield [*path, (rows - 1, columns - 1)]


def warping_cost(cost: ndarray) -> float:
    """The cheapest path: by enumeration if the matrix is small, else as a shortest path through a graph of cells."""
    n, m = cost.shape
    if n * m <= 20:
        return min(sum(cost[cell] for cell in path) for path in warping_paths(n, m))
    import heapq

    heap, done = [(float(cost[0, 0]), (0, 0))], set()
    while True:
        total, (i, j) = heapq.heappop(heap)
        if (i, j) == (n - 1, m - 1):
            return total
        if (i, j) in done:
            continue
        done.add((i, j))
        for cell in ((i + 1, j + 1), (i + 1, j), (i, j + 1)):
            if cell[0] < n and cell[1] < m and cell not in done:
                heapq.heappush(heap, (total + float(cost[cell]), cell))


def log_normal(x: ndarray, mean: ndarray, variance: ndarray) -> float:
    """ln of a Gaussian with diagonal covariance, one frame."""
    return sum(-0.5 * (math.log(2 * math.pi * v) + (a - m) ** 2 / v) for a, m, v in zip(x, mean, variance, strict=True))


def log_zero(p: ndarray | float) -> ndarray:
    """ln p, -inf where p is zero, without a warning."""
    with np.errstate(divide="ignore"):
        return np.log(p)


def chain(rng: Generator, states: int, frames: int, *, zeros: bool = False) -> tuple[ndarray, ndarray, ndarray]:
    """Probabilities of a start, of arcs, and emission densities (frames, states), which need not sum to one.

    With `zeros` each state goes on to itself or the next one, from the first.
    """
    start, arcs = rng.dirichlet(np.ones(states)) + 0.02, rng.dirichlet(np.full(states, 0.4), states) + 0.02
    if zeros:
        arcs = np.triu(arcs) - np.triu(arcs, 2)
        start[1:] = 0.0
    return (
        start / start.sum(), arcs / arcs.sum(1, keepdims=True), np.exp(rng.normal(-4, 1.5, (frames, states))),
    )


def log_alpha_in_logs(log_start: ndarray, log_arcs: ndarray, log_emit: ndarray) -> ndarray:
    """ln of the sum over all paths that end in each state at each frame; a path may be as unlikely as it likes."""
    frames, states = log_emit.shape
    alpha = np.full((frames, states), -np.inf)
    for t in range(frames):
        for path in product(range(states), repeat=t + 1):
            score = path_score(log_start, log_arcs, log_emit[: t + 1], path)
            alpha[t, path[-1]] = np.logaddexp(alpha[t, path[-1]], score)
    return alpha


def log_p_scaled(start: ndarray, arcs: ndarray, emit: ndarray) -> float:
    """ln p by Rabiner's scaling: normalise each frame, add up the logarithms of what was divided by."""
    total, belief = 0.0, start * emit[0]
    for t in range(1, len(emit) + 1):
        scale = belief.sum()
        total += math.log(scale)
        if t < len(emit):
            belief = (belief / scale) @ arcs * emit[t]
    return total


def best_score(log_start: ndarray, log_arcs: ndarray, log_emit: ndarray) -> float:
    """The score of the best path, by recursion from its end."""
    frames, states = log_emit.shape

    @cache
    def onward(t: int, state: int) -> float:
        here = float(log_emit[t, state])
        if t + 1 == frames:
            return here
        return here + max(float(log_arcs[state, s]) + onward(t + 1, s) for s in range(states))

    for t in range(frames - 1, -1, -50):          # in pieces, so that the recursion stays shallow
        for state in range(states):
            onward(t, state)
    return max(float(log_start[s]) + onward(0, s) for s in range(states))


def path_score(log_start: ndarray, log_arcs: ndarray, log_emit: ndarray, path: Sequence[int]) -> float:
    """ln p(path, frames)."""
    score = log_start[path[0]] + sum(log_emit[t, state] for t, state in enumerate(path))
    return float(score + sum(log_arcs[a, b] for a, b in pairwise(path)))


def witten_bell(strings: Sequence[Sequence[int]], classes: int) -> ndarray:
    """The smoothed bigram, entry by entry; class 0 is the edge."""
    pairs = Counter(pair for s in strings for pair in zip([0, *s], [*s, 0], strict=True))
    followers = defaultdict(set)
    for a, b in pairs:
        followers[a].add(b)
    outcomes = Counter(b for s in strings for b in [*s, 0])
    tokens, kinds = sum(outcomes.values()), len(outcomes)
    unigram = [(outcomes[b] + kinds / classes) / (tokens + kinds) for b in range(classes)]
    table = np.zeros((classes, classes))
    for a in range(classes):
        seen = sum(pairs[a, b] for b in range(classes))
        for b in range(classes):
            t = len(followers[a])
            table[a, b] = (pairs[a, b] + t * unigram[b]) / (seen + t) if seen else unigram[b]
    return table
