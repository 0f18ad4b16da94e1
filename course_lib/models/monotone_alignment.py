"""From attention weights to onsets: the best monotone path through the matrix, by dynamic programming.

Conventions: frames are rows, symbols columns; frame n is centred at n · hop seconds, so the border between the frames
n - 1 and n lies at (n - 1/2) · hop. Every symbol has at least one frame, and none is skipped.

This is dynamic time warping in which time does not stand still: each step goes one frame ahead, and stays with its
symbol or moves to the next. Papers: Schulze-Forster et al., ICASSP 2020. Derived in unit 14_attention.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

FLOOR = 1e-6
"""Smallest weight that is believed: a softmax may well say zero, whose logarithm would forbid the path."""


class Alignment(NamedTuple):
    """Which symbol each frame belongs to, and when each symbol begins."""

    path: Int[np.ndarray, " frames"]
    onsets: Float[np.ndarray, " symbols"]


def align(
    weights: Float[np.ndarray, "frames symbols"], hop_seconds: float, *, floor: float = FLOOR,
) -> Alignment:
    """The path with the largest sum of ln max(weight, floor) among all that read every symbol in order.

    Args:
        weights: attention weights, or likelihoods up to a factor for each frame.
        hop_seconds: time from frame to frame.
        floor: see `FLOOR`.

    Raises:
        ValueError: fewer frames than symbols, no symbol, NaN, or a floor that is not above zero.
    """
    if not floor > 0:
        raise ValueError(f"floor={floor}: it must be above zero, or the logarithm of a weight of zero forbids a path")
    return align_scores(np.log(np.maximum(np.asarray(weights, np.float64), floor)), hop_seconds)


def align_scores(scores: Float[np.ndarray, "frames symbols"], hop_seconds: float) -> Alignment:
    """The same for logarithms: Viterbi over a left-to-right chain without transition costs.

    `hidden_markov.viterbi` finds this path in any chain; here each state has two arcs, so time grows with frames times
    symbols, not with frames times symbols squared.

    Raises:
        ValueError: not a matrix, NaN, fewer frames than symbols, no symbol, or minus infinity somewhere on every path.
    """
    scores = np.asarray(scores, np.float64)
    if scores.ndim != 2 or np.isnan(scores).any():
        raise ValueError(f"expected a matrix (frames, symbols) without NaN, got shape {scores.shape}")
    frames, symbols = scores.shape
    if not 1 <= symbols <= frames:
        raise ValueError(f"{frames} frames cannot hold {symbols} symbols, each of at least one frame")
    best = np.full(symbols, -np.inf)
    best[0] = scores[0, 0]
    moved = np.zeros(scores.shape, bool)
    for n in range(1, frames):
        from_before = np.concatenate([[-np.inf], best[:-1]])
        moved[n] = from_before > best
        best = np.where(moved[n], from_before, best) + scores[n]
    if best[-1] == -np.inf:
        raise ValueError("every path passes a score of minus infinity: put a floor under the scores")
    path = np.empty(frames, np.int64)
    m = symbols - 1
    for n in range(frames - 1, -1, -1):
        path[n] = m
        m -= moved[n, m]
    return Alignment(path, onsets_of(path, hop_seconds))


def onsets_of(path: Int[np.ndarray, " frames"], hop_seconds: float) -> Float[np.ndarray, " symbols"]:
    """Start of each symbol of a path in seconds: half a hop before its first frame's centre; the first starts at 0."""
    first = np.flatnonzero(np.diff(path, prepend=-1))
    return np.maximum((first - 0.5) * hop_seconds, 0.0)
