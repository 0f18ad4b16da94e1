"""The forward recursion: short sequences against all state paths, long ones against scaled probabilities."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.core import CheckFailed, as_array, expect, expect_close, passed, subject, visible_rng
from course_lib.checks.dtw_hmm import oracle

SIZES = ((5, 3), (3, 3), (1, 2), (2, 2), (4, 1), (6, 2))
"""(frames, states) that are always tried."""


def forward(answer, *, rng: Generator | None = None, cases: int = 8) -> None:
    """ln alpha and ln p against all paths; 600 frames against the scaled recursion. (exercise 11.3)"""
    f, rng = subject(answer), visible_rng(rng)
    sizes = [*SIZES, *((int(rng.integers(1, 7)), int(rng.integers(2, 4))) for _ in range(cases))]
    for i, (frames, states) in enumerate(sizes):
        _expect_alpha(f, oracle.chain(rng, states, frames, zeros=i % 3 == 2))
    _expect_alpha(f, oracle.chain(rng, 3, 4, zeros=True))                  # the third state comes late
    start, arcs, _ = oracle.chain(rng, 2, 1, zeros=True)
    far = -rng.uniform(0.9, 1.1) * np.array([[0.0, 0.0], [2000.0, 0.0], [0.0, 3000.0]])
    _expect_alpha(f, (start, arcs, far), far=True)
    start, arcs, _ = oracle.chain(rng, 3, 1, zeros=True)
    _expect_alpha(f, (start, arcs, rng.normal(0, 1000, (5, 3))), far=True)
    for frames, states, dtype in ((600, 5, np.float64), (200, 7, np.float32)):
        _expect_long(f, oracle.chain(rng, states, frames), dtype)
    passed("forward", f"{len(sizes)} short sequences against all their state paths, emissions that differ by thousands "
           "of nats, and up to 600 frames")


def context_of(emit: ndarray) -> str:
    """On what input, for the message."""
    frames, states = emit.shape
    return f"for {frames} frame{'s' * (frames > 1)} and {states} state{'s' * (states > 1)}"


def _expect_alpha(f, model: tuple[ndarray, ndarray, ndarray], *, far: bool = False) -> None:
    """`far`: the emissions are logarithms, as their exponentials would underflow."""
    start, arcs, emit = model
    context = context_of(emit) + " whose emissions differ by thousands of nats" * far
    logs = oracle.log_zero(start), oracle.log_zero(arcs), emit if far else oracle.log_zero(emit)
    alpha, log_p = two(f.call(*logs), ("log_alpha", "log_p"), context)
    want = oracle.log_alpha_in_logs(*logs)
    _expect_log(alpha, want, "log_alpha", context, lambda: {} if far else _alpha_mistakes(*model))
    last = want[-1]
    expect_close(log_p.reshape(()), np.logaddexp.reduce(last), "log_p", rtol=1e-5, context=context, mistakes={
        "only the last state counts, or only the best one: a sequence may end in any state, so add up all of them.":
            last[-1],
        "only the best state of the last frame counts: a sequence may end in any state, so add up all of them.":
            last.max(),
        "all frames are added up: p is the sum over the states of the last frame.":
            np.logaddexp.reduce(want, axis=None),
        "this is -ln p; the card asks for ln p.": -np.logaddexp.reduce(last),
        "this is p; the card asks for ln p.": np.exp(np.minimum(last, 700.0)).sum(),    # beyond 700 exp overflows
        "the logarithms are added: add the probabilities (np.logaddexp.reduce).": last.sum(),
    })


def _alpha_mistakes(start: ndarray, arcs: ndarray, emit: ndarray) -> dict[str, object]:
    """Recursions with one fault each, in the probability domain."""
    def run(start=start, arcs=arcs, emit=emit, first=True, combine=np.sum, normalised=False, late=False, axis=0):
        alpha = [start * emit[0] if first else start]
        for t in range(1, len(emit)):
            before = alpha[-1] / alpha[-1].sum() if normalised else alpha[-1]
            alpha.append(combine(before[:, None] * arcs, axis) * emit[t - 1 if late else t])
        found = np.array(alpha)
        return oracle.log_zero(found / found.sum(1, keepdims=True) if normalised else found)

    return {
        "the arcs are read the wrong way round: log_arcs[i, j] leads from i to j, so sum over the first index.":
            lambda: run(arcs=arcs.T),
        "the sum runs over the state after, the second axis of the table: add up over the state before.":
            lambda: run(axis=1),
        "the emission of the first frame is missing: alpha counts its own frame.": lambda: run(first=False),
        "the emission is one frame late: alpha at t takes the frame t.": lambda: run(late=True),
        "the start distribution is missing.": lambda: run(start=np.ones_like(start)),
        "the start distribution is taken to be uniform: use log_start.":
            lambda: run(start=np.full_like(start, 1 / len(start))),
        "you kept the best way into each state (that is Viterbi): the forward variable adds all ways up.":
            lambda: run(combine=np.max),
        "each frame is normalised to a distribution over the states, and what it was divided by is lost: alpha is not "
        "a distribution.": lambda: run(normalised=True),
        "this is alpha itself: return its natural logarithm.": lambda: np.exp(run()),
    }


def _expect_log(got: ndarray, want: ndarray, what: str, context: str, mistakes) -> None:
    """Compare logarithms: first NaN, then where they are -inf, then by value."""
    expect(not np.isnan(got).any(), f"{what} has NaN values {context}: did you subtract "
           "-inf from -inf, or divide by a sum that underflowed to 0? "
           "Where all ways are impossible the largest is -inf: np.logaddexp takes care of that.")
    if got.shape == want.shape and (np.isneginf(got) != np.isneginf(want)).any():
        t, s = np.argwhere(np.isneginf(got) != np.isneginf(want))[0]
        named = [text for text, wrong in mistakes().items() if np.allclose(got, wrong(), rtol=1e-4)]
        raise CheckFailed(f"{what} is wrong {context}: " + (named[0] if named else (
            f"it is -inf at [{t}, {s}], but some path leads there: did an exponential underflow "
            "to 0? Add logarithms." if np.isneginf(got[t, s]) else
            f"it is {got[t, s]:.4g} at [{t}, {s}], where no path leads: expected -inf.")))
    expect_close(got, want, what, rtol=1e-5, context=context, mistakes=mistakes)


def _expect_long(f, model: tuple[ndarray, ndarray, ndarray], dtype: type) -> None:
    want = oracle.log_p_scaled(*model)
    logs = [oracle.log_zero(part).astype(dtype) for part in model]
    context = f"for {len(model[2])} frames in {np.dtype(dtype).name}"
    _, log_p = two(f.call(*logs), ("log_alpha", "log_p"), context)
    expect(np.isfinite(log_p).all(), f"log_p is {log_p} {context}, but ln p is {want:.0f}: an underflow. Keep "
           "logarithms all the way, and add probabilities by log-sum-exp.")
    expect_close(log_p.reshape(()), want, "log_p", rtol=1e-4, context=context)


def two(value, names: tuple[str, str], context: str) -> tuple[ndarray, ndarray]:
    """The two results of an answer, of which one is a number."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        several = f" of {len(value)}" if isinstance(value, (tuple, list)) else ""
        raise CheckFailed(f"expected two results, ({', '.join(names)}), got {type(value).__name__}{several} {context}.")
    first, second = (as_array(v, name) for v, name in zip(value, names, strict=True))
    for array, name in zip((first, second), names, strict=True):
        expect(not np.iscomplexobj(array), f"{name} should be real, got complex numbers {context}.")
    expect(second.size == 1, f"{names[1]} should be one number {context}, got shape {second.shape}.")
    return first, second
