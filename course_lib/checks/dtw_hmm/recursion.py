"""Forward and Viterbi: short sequences against all state paths, long ones against recursions of another kind."""

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
    for frames, states, dtype in ((600, 5, np.float64), (200, 7, np.float32)):
        _expect_long(f, oracle.chain(rng, states, frames), dtype)
    passed("forward", f"{len(sizes)} short sequences against all their state paths, and up to 600 frames")


def _expect_alpha(f, model: tuple[ndarray, ndarray, ndarray]) -> None:
    _start, _arcs, emit = model
    context = f"for {emit.shape[0]} frames and {emit.shape[1]} states"
    alpha, log_p = _two(f.call(*map(oracle.log_zero, model)), ("log_alpha", "log_p"), context)
    want = oracle.log_alpha_by_paths(*model)
    _expect_log(alpha, want, "log_alpha", context, lambda: _alpha_mistakes(*model))
    last = want[-1]
    expect_close(log_p.reshape(()), np.logaddexp.reduce(last), "log_p", rtol=1e-5, context=context, mistakes={
        "only the last state counts: a sequence may end in any state, so add up all of them.": last[-1],
        "only the best last state counts: add up all of them.": last.max(),
        "this is -ln p; the card asks for ln p.": -np.logaddexp.reduce(last),
        "this is p; the card asks for ln p.": np.exp(last).sum(),
        "the logarithms are added: add the probabilities (np.logaddexp.reduce).": last.sum(),
    })


def _alpha_mistakes(start: ndarray, arcs: ndarray, emit: ndarray) -> dict[str, object]:
    """Recursions with one fault each, in the probability domain."""
    def run(start=start, arcs=arcs, emit=emit, first=True, combine=np.sum, normalised=False, late=False):
        alpha = [start * emit[0] if first else start]
        for t in range(1, len(emit)):
            before = alpha[-1] / alpha[-1].sum() if normalised else alpha[-1]
            alpha.append(combine(before[:, None] * arcs, 0) * emit[t - 1 if late else t])
        found = np.array(alpha)
        return oracle.log_zero(found / found.sum(1, keepdims=True) if normalised else found)

    return {
        "the arcs are read the wrong way round: log_arcs[i, j] leads from i to j, so sum over the first index.":
            lambda: run(arcs=arcs.T),
        "the emission of the first frame is missing: alpha counts its own frame.": lambda: run(first=False),
        "the emission is one frame late: alpha at t takes the frame t.": lambda: run(late=True),
        "the start distribution is missing.": lambda: run(start=np.ones_like(start)),
        "you kept the best way into each state (that is Viterbi): the forward variable adds all ways up.":
            lambda: run(combine=np.max),
        "each frame is normalised to a distribution over the states, and what it was divided by is lost: alpha is not "
        "a distribution.": lambda: run(normalised=True),
        "this is alpha itself: return its natural logarithm.": lambda: np.exp(run()),
    }


def _expect_log(got: ndarray, want: ndarray, what: str, context: str, mistakes) -> None:
    """Compare logarithms: first NaN, then where they are -inf, then by value."""
    expect(not np.isnan(got).any(), f"{what} has NaN values {context}: did you subtract "
           "-inf from -inf? Where all ways are impossible the largest is -inf: np.logaddexp takes care of that.")
    if got.shape == want.shape and (np.isneginf(got) != np.isneginf(want)).any():
        t, s = np.argwhere(np.isneginf(got) != np.isneginf(want))[0]
        named = [text for text, wrong in mistakes().items() if np.allclose(got, wrong(), rtol=1e-4)]
        raise CheckFailed(f"{what} is wrong {context}: " + (named[0] if named else (
            f"it is -inf at [{t}, {s}], but some path leads there." if np.isneginf(got[t, s]) else
            f"it is {got[t, s]:.4g} at [{t}, {s}], where no path leads: expected -inf.")))
    expect_close(got, want, what, rtol=1e-5, context=context, mistakes=mistakes)


def _expect_long(f, model: tuple[ndarray, ndarray, ndarray], dtype: type) -> None:
    want = oracle.log_p_scaled(*model)
    logs = [oracle.log_zero(part).astype(dtype) for part in model]
    context = f"for {len(model[2])} frames in {np.dtype(dtype).name}"
    _, log_p = _two(f.call(*logs), ("log_alpha", "log_p"), context)
    expect(np.isfinite(log_p).all(), f"log_p is {log_p} {context}, but ln p is {want:.0f}: an underflow. Keep "
           "logarithms all the way, and add probabilities by log-sum-exp.")
    expect_close(log_p.reshape(()), want, "log_p", rtol=1e-4, context=context)


def viterbi(answer, *, rng: Generator | None = None, cases: int = 8) -> None:
    """The best path and its score against all paths; 300 frames against a recursion from the end. (exercise 11.4)"""
    f, rng = subject(answer), visible_rng(rng)
    _expect_best(f, _telling(rng), np.float64)
    sizes = [*SIZES, *((int(rng.integers(2, 7)), int(rng.integers(2, 4))) for _ in range(cases)), (300, 4)]
    for i, (frames, states) in enumerate(sizes):
        _expect_best(f, _flat_chain(rng, states, frames, zeros=i % 3 == 2), np.float32 if i % 4 == 1 else np.float64)
    passed("viterbi", f"{len(sizes) + 1} sequences of 1 to 300 frames")


def _flat_chain(rng: Generator, states: int, frames: int, *, zeros: bool = False) -> tuple[ndarray, ndarray, ndarray]:
    """Logarithms of a chain whose emissions differ little, so that the arcs have a say."""
    start, arcs, emit = map(oracle.log_zero, oracle.chain(rng, states, frames, zeros=zeros))
    return start, arcs, 0.5 * emit


def _telling(rng: Generator) -> tuple[ndarray, ndarray, ndarray]:
    """A chain on which every usual mistake gives another number, so that the message names the right one."""
    for _ in range(50):
        model = _flat_chain(rng, 4, 40)
        right = oracle.best_score(*model)
        scores = [wrong() if callable(wrong) else wrong for wrong in _score_mistakes(*model).values()]
        paths = {tuple(path) for path in _path_mistakes(*model).values()}
        scores = np.sort([right, *scores])
        good = all(oracle.path_score(*model, path) < right - 1e-2 for path in paths)
        if good and len(paths) == 3 and np.diff(scores).min() > 4e-4 * abs(right):
            break
    return model


def _expect_best(f, model: tuple[ndarray, ndarray, ndarray], dtype: type) -> None:
    model = tuple(part.astype(dtype).astype(np.float64) for part in model)
    frames, states = model[2].shape
    context = f"for {frames} frames and {states} states"
    path, score = _two(f.call(*(part.astype(dtype) for part in model)), ("path", "score"), context)
    expect(path.shape == (frames,), f"the path should have shape ({frames},) {context}, one state for each frame, got "
           f"{path.shape}.")
    found = [int(state) for state in path]
    expect(np.array_equal(path, found) and min(found) >= 0 and max(found) < states,
           f"the path should hold whole numbers from 0 to {states - 1} {context}.")
    want = oracle.best_score(*model)
    expect_close(score.reshape(()), want, "the score", rtol=1e-5, context=context,
                 mistakes=lambda: _score_mistakes(*model))
    own = oracle.path_score(*model, found)
    if not np.isclose(own, want, rtol=1e-5, atol=1e-5):
        named = [text for text, wrong in _path_mistakes(*model).items() if found == list(wrong)]
        backwards = np.isclose(oracle.path_score(*model, found[::-1]), want, rtol=1e-5)
        raise CheckFailed(
            f"the path is wrong {context}: " + ("it runs backwards: turn it round. " if backwards else
            named[0] + " " if named else "does each pointer belong to the frame after it? ")
            + f"Its own score is {own:.5g}, the best path has {want:.5g}.")


def _score_mistakes(log_start: ndarray, log_arcs: ndarray, log_emit: ndarray) -> dict[str, object]:
    total = oracle.log_p_scaled(np.exp(log_start), np.exp(log_arcs), np.exp(log_emit))
    flat = np.zeros_like(log_start)
    return {
        "the arcs are read the wrong way round: log_arcs[i, j] leads from i to j.":
            lambda: oracle.best_score(log_start, log_arcs.T, log_emit),
        "this is ln p of the sequence, all paths added up: Viterbi keeps the best one.": total,
        "the start distribution is missing.": lambda: oracle.best_score(flat, log_arcs, log_emit),
        "the emission of the first frame is missing.":
            lambda: oracle.best_score(log_start, log_arcs, np.vstack([0 * log_emit[:1], log_emit[1:]])),
        "the emission of the last frame is missing.":
            lambda: oracle.best_score(log_start, log_arcs, np.vstack([log_emit[:-1], 0 * log_emit[-1:]])),
        "the arcs are missing: this is the best state of each frame alone.": float(log_emit.max(1).sum()),
        "this is the probability: return its natural logarithm.":
            float(np.exp(oracle.best_score(log_start, log_arcs, log_emit))),
    }


def _path_mistakes(log_start: ndarray, log_arcs: ndarray, log_emit: ndarray) -> dict[str, list[int]]:
    """Paths that are put together state by state."""
    delta = [log_start + log_emit[0]]
    for emit in log_emit[1:]:
        delta.append((delta[-1][:, None] + log_arcs).max(0) + emit)
    greedy = [int(np.argmax(delta[0]))]
    for emit in log_emit[1:]:
        greedy.append(int(np.argmax(log_arcs[greedy[-1]] + emit)))
    return {
        "it takes the likeliest state of each frame alone, whatever the arcs say.": log_emit.argmax(1).tolist(),
        "it takes the best end of each frame: these ends need not lie on one path. Keep pointers and follow them back.":
            [int(np.argmax(d)) for d in delta],
        "it is greedy: each state is the best one after the state before, and cannot know what comes.": greedy,
    }


def _two(value, names: tuple[str, str], context: str) -> tuple[ndarray, ndarray]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise CheckFailed(f"expected two results, ({', '.join(names)}), got {type(value).__name__} {context}.")
    first, second = (as_array(v, name) for v, name in zip(value, names, strict=True))
    if names[0] == "path":
        expect(second.size == 1, f"the score should be one number {context}, got shape {second.shape}.")
    else:
        expect(second.size == 1, f"log_p should be one number {context}, got shape {second.shape}.")
    return first, second
