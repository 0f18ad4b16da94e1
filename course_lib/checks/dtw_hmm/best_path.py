"""Viterbi: against a recursion from the end, first on chains on which each usual mistake shows."""

import itertools

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.core import CheckFailed, expect, expect_close, passed, subject, visible_rng
from course_lib.checks.dtw_hmm import oracle
from course_lib.checks.dtw_hmm.recursion import SIZES, context_of, two

PROBABILITY = "this is the probability: return its natural logarithm."


def viterbi(answer, *, rng: Generator | None = None, cases: int = 8) -> None:
    """The best path and its score against all paths; 300 frames against a recursion from the end. (exercise 11.4)"""
    f, rng = subject(answer), visible_rng(rng)
    for frames, states in ((8, 3), (40, 4)):
        _expect_best(f, _telling(rng, frames, states), np.float64)
    sizes = [*SIZES, *((int(rng.integers(2, 7)), int(rng.integers(2, 4))) for _ in range(cases)), (300, 4)]
    for i, (frames, states) in enumerate(sizes):
        _expect_best(f, _flat_chain(rng, states, frames, zeros=i % 3 == 2), np.float32 if i % 4 == 1 else np.float64)
    for size, what in itertools.product((200.0, 1e10), ("start", "arc")):
        _expect_best(f, _forbidding(rng, size, what), np.float64)
    passed("viterbi", f"{len(sizes) + 6} sequences of 1 to 300 frames, arcs of probability zero among them")


def _forbidding(rng: Generator, size: float, what: str) -> tuple[ndarray, ndarray, ndarray]:
    """The frames fit state 1 and then 0, but no path may start in 1, or go from 1 to 0.

    Who puts a small price on it in place of minus infinity pays that price.
    """
    start, arcs, _ = map(oracle.log_zero, oracle.chain(rng, 2, 1))
    if what == "start":
        start[1] = -np.inf
    else:
        arcs[1, 0] = -np.inf
    return start, arcs, -size * rng.uniform(0.8, 1.2, (4, 2)) * np.array([[1, 0], [1, 0], [0, 1], [0, 1]])


def _flat_chain(rng: Generator, states: int, frames: int, *, zeros: bool = False) -> tuple[ndarray, ndarray, ndarray]:
    """Logarithms of a chain whose emissions differ little, so that the arcs have a say."""
    start, arcs, emit = map(oracle.log_zero, oracle.chain(rng, states, frames, zeros=zeros))
    return start, arcs, 0.5 * emit


def _telling(rng: Generator, frames: int, states: int) -> tuple[ndarray, ndarray, ndarray]:
    """A chain on which every usual mistake gives another number, so that the message names the right one."""
    for _ in range(300):
        model = _flat_chain(rng, states, frames)
        right = oracle.best_score(*model)
        scores = [wrong() if callable(wrong) else wrong for wrong in _score_mistakes(*model).values()]
        faults = _path_mistakes(*model)
        paths = {tuple(path) for path in faults.values()}
        scores = np.sort([right, *scores])
        good = all(oracle.path_score(*model, path) < right - 1e-2 for path in paths)
        if good and len(paths) == len(faults) and np.diff(scores).min() > 4e-4 * abs(right):
            break
    return model


def _expect_best(f, model: tuple[ndarray, ndarray, ndarray], dtype: type) -> None:
    model = tuple(part.astype(dtype).astype(np.float64) for part in model)
    frames, states = model[2].shape
    context = context_of(model[2])
    path, score = two(f.call(*(part.astype(dtype) for part in model)), ("path", "score"), context)
    expect(path.shape == (frames,), f"the path should have shape ({frames},) {context}, one state for each frame, got "
           f"{path.shape}.")
    expect(path.dtype.kind in "iu", f"the path should hold integers {context}, got {path.dtype}: a float is no index.")
    found = [int(state) for state in path]
    expect(min(found) >= 0 and max(found) < states,
           f"the path should hold states from 0 to {states - 1} {context}, got {min(found)} to {max(found)}.")
    want = oracle.best_score(*model)
    expect_close(score.reshape(()), want, "the score", rtol=1e-5, context=context,
                 mistakes=lambda: {text: wrong for text, wrong in _score_mistakes(*model).items()
                                   if score.any() or text != PROBABILITY} | _forbidden(*model, found, score))
    own = oracle.path_score(*model, found)
    if not np.isclose(own, want, rtol=1e-5, atol=1e-5):
        named = [text for text, wrong in _path_mistakes(*model).items() if found == list(wrong)]
        backwards = np.isclose(oracle.path_score(*model, found[::-1]), want, rtol=1e-5)
        raise CheckFailed(
            f"the path is wrong {context}: " + ("it runs backwards: turn it round. " if backwards else
            named[0] + " " if named else
            " ".join(_forbidden(*model, found, score)) or "does each pointer belong to the frame after it? ")
            + f"Its own score is {own:.5g}, the best path has {want:.5g}.")


def _forbidden(log_start: ndarray, log_arcs: ndarray, log_emit: ndarray, path: list[int], score: ndarray) -> dict:
    """Names the first thing on the path whose probability is zero, if any, for whatever score was returned."""
    if np.isneginf(log_start[path[0]]):
        where = f"starts in {path[0]}"
    else:
        arcs = [arc for arc in itertools.pairwise(path) if np.isneginf(log_arcs[arc])]
        if not arcs:
            return {}
        where = f"goes from {arcs[0][0]} to {arcs[0][1]}"
    return {f"the path {where}, which has probability zero: -inf must stay -inf, whatever the frames say. ": score}


def _score_mistakes(log_start: ndarray, log_arcs: ndarray, log_emit: ndarray) -> dict[str, object]:
    flat = np.zeros_like(log_start)
    delta, summed = _ends(log_start, log_arcs, log_emit), _ends(log_start, log_arcs, log_emit, np.logaddexp.reduce)
    return {
        "the arcs are read the wrong way round: log_arcs[i, j] leads from i to j.":
            lambda: oracle.best_score(log_start, log_arcs.T, log_emit),
        "this is ln p of the sequence, all paths added up: Viterbi keeps the best one.":
            np.logaddexp.reduce(summed[-1]),
        "the ways into each state are added up (that is forward): keep the best one.": summed[-1].max(),
        "the scores of the last frame are added up: the best of them is asked for.": np.logaddexp.reduce(delta[-1]),
        "only the last state counts: a sequence may end in any state, so take the best one.": delta[-1][-1],
        "the start distribution is missing.": lambda: oracle.best_score(flat, log_arcs, log_emit),
        "the emission of the first frame is missing.":
            lambda: oracle.best_score(log_start, log_arcs, np.vstack([0 * log_emit[:1], log_emit[1:]])),
        "the emission of the last frame is missing.":
            lambda: oracle.best_score(log_start, log_arcs, np.vstack([log_emit[:-1], 0 * log_emit[-1:]])),
        "the arcs are missing: this is the best state of each frame alone.": float(log_emit.max(1).sum()),
        "this is the logarithm to base 10: return the natural one.":
            lambda: oracle.best_score(log_start, log_arcs, log_emit) / np.log(10),
        PROBABILITY:                                      # so small that a score of 0 looks like it
            float(np.exp(oracle.best_score(log_start, log_arcs, log_emit))),
    }


def _path_mistakes(log_start: ndarray, log_arcs: ndarray, log_emit: ndarray) -> dict[str, list[int]]:
    """Paths that are put together state by state."""
    delta = _ends(log_start, log_arcs, log_emit)
    ways = [before[:, None] + log_arcs for before in delta[:-1]]
    back = [way.argmax(0) for way in ways]
    best = int(delta[-1].argmax())
    greedy = [int(np.argmax(delta[0]))]
    for emit in log_emit[1:]:
        greedy.append(int(np.argmax(log_arcs[greedy[-1]] + emit)))
    return {
        "it takes the likeliest state of each frame alone, whatever the arcs say.": log_emit.argmax(1).tolist(),
        "it takes the best end of each frame: these ends need not lie on one path. Keep pointers and follow them back.":
            [int(np.argmax(d)) for d in delta],
        "it is greedy: each state is the best one after the state before, and cannot know what comes.": greedy,
        "argmax runs over the state after, the second axis of the table: a pointer names the best state before.":
            _follow(best, [way.argmax(1) for way in ways]),
        "the emission of the new frame is added along the wrong axis, and the pointers hold it.":
            _follow(best, [(way + emit[:, None]).argmax(0) for way, emit in zip(ways, log_emit[1:], strict=True)]),
        "the emission of the frame before counts twice in the pointers.":
            _follow(best, [(way + emit[:, None]).argmax(0) for way, emit in zip(ways, log_emit[:-1], strict=True)]),
        "the pointers are followed from the first frame on: begin with those of the last frame.":
            _follow(best, back[::-1]),
        "it takes the state with the largest posterior at each frame: these states need not lie on one path.":
            _posterior(log_start, log_arcs, log_emit).argmax(1).tolist(),
    }


def _ends(log_start: ndarray, log_arcs: ndarray, log_emit: ndarray, combine=np.max) -> list[ndarray]:
    """The recursion: for each frame a value per state."""
    found = [log_start + log_emit[0]]
    for emit in log_emit[1:]:
        found.append(combine(found[-1][:, None] + log_arcs, axis=0) + emit)
    return found


def _follow(last: int, pointers: list[ndarray]) -> list[int]:
    path = [last]
    for pointer in pointers[::-1]:
        path.append(int(pointer[path[-1]]))
    return path[::-1]


def _posterior(log_start: ndarray, log_arcs: ndarray, log_emit: ndarray) -> ndarray:
    alpha = _ends(log_start, log_arcs, log_emit, np.logaddexp.reduce)
    onward = [np.zeros_like(log_start)]
    for emit in log_emit[:0:-1]:
        onward.append(np.logaddexp.reduce(log_arcs + emit + onward[-1], axis=1))
    return np.array(alpha) + np.array(onward[::-1])
