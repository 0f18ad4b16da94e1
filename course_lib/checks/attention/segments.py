"""PCAS, against elementary intervals."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.attention import oracles as oracle
from course_lib.checks.core import expect_close, passed, subject, visible_rng


def correctly_aligned(answer, *, rng: Generator | None = None, cases: int = 12) -> None:
    """Random alignments with and without pauses, a perfect one, one that is wholly wrong. (exercise 14.4)"""
    f, rng = subject(answer), visible_rng(rng)
    for i in range(cases):
        _expect_share(f, *_telling(rng) if i < 2 else _draw(rng, i))
    true = np.array([0.0, 0.1, 0.3, 0.4])
    everything = np.ones(4, bool)
    _expect_share(f, true.copy(), true, 0.55, everything)
    _expect_share(f, np.array([0.0, 0.5, 0.51, 0.52]), true, 0.55, np.array([False, True, True, False]))
    passed("correctly_aligned", f"{cases + 2} alignments, against elementary intervals")


def _draw(rng: Generator, i: int, segments: int | None = None) -> tuple[ndarray, ndarray, float, ndarray]:
    """Onsets near or far from the truth; every third time all segments count."""
    segments = segments or int(rng.integers(2, 12))
    true = np.concatenate([[0.0], 0.07 + np.sort(rng.uniform(0, 1.5, segments - 1)) + 0.02 * np.arange(segments - 1)])
    end = float(true[-1] + rng.uniform(0.05, 0.3))
    moved = np.clip(true + rng.normal(0, (0.03, 0.3)[i % 2], segments), 0, end)
    estimated = np.sort(moved)
    estimated[0] = 0.0
    counted = np.ones(segments, bool)
    if i % 3:
        counted = rng.random(segments) < 0.7
        counted[rng.integers(segments)] = True
    return estimated, true, end, counted


def _telling(rng: Generator) -> tuple[ndarray, ndarray, float, ndarray]:
    """An alignment on which each mistake gives another number."""
    for _ in range(60):
        case = _draw(rng, int(rng.integers(1, 3)), 12)
        case[-1][-1] = True
        values = [oracle.aligned_share(*case), *_mistakes(*case).values()]
        if np.diff(np.sort(values)).min() > 0.01:
            break
    return case


def _expect_share(f, estimated: ndarray, true: ndarray, end: float, counted: ndarray) -> None:
    got = f.call(estimated, true, end, counted)
    expect_close(
        got,
        oracle.aligned_share(estimated, true, end, counted),
        "PCAS",
        rtol=1e-5,
        atol=1e-4,
        mistakes=lambda: _mistakes(estimated, true, end, counted),
        context=f"for {len(true)} segments, of which {int(counted.sum())} count",
    )


def _mistakes(estimated: ndarray, true: ndarray, end: float, counted: ndarray) -> dict[str, float]:
    """What usual mistakes give."""
    ends, said_ends = np.append(true[1:], end), np.append(estimated[1:], end)
    raw = np.minimum(ends, said_ends) - np.maximum(true, estimated)
    overlap, duration = np.maximum(raw, 0), ends - true
    said = said_ends - estimated
    every = np.ones(len(true), bool)
    kept, said_kept = true[counted], estimated[counted]
    until, said_until = np.append(kept[1:], end), np.append(said_kept[1:], end)
    joined = np.maximum(np.minimum(until, said_until) - np.maximum(kept, said_kept), 0)

    def share(a: ndarray, b: ndarray, keep: ndarray = counted) -> float:
        return float(100 * a[keep].sum() / b[keep].sum()) if b[keep].sum() > 0 else 0.0

    with np.errstate(all="ignore"):
        return {
            "it is rounded to a whole number: return it as it is.": float(np.round(share(overlap, duration))),
            "this is a fraction: PCAS is in percent.": share(overlap, duration) / 100,
            "segments that do not overlap have an overlap of 0, not a negative one.": share(raw, duration),
            "the segments that do not count are in it: leave them out of both sums.": share(overlap, duration, every),
            "the overlap of segments that do not count is in it.": 100 * overlap.sum() / duration[counted].sum(),
            "the segments that do not count were taken out before the ends were computed: a segment ends where the "
            "next one begins, whether that counts or not.": share(joined, until - kept, every[counted]),
            "it was divided by the whole time: divide by the time of the segments that count.": 100
            * overlap[counted].sum()
            / end,
            "it was divided by the estimated durations: the true ones say what there was to find.": share(
                overlap, said
            ),
            "you count segments: a long one is worth more time than a short one. Add up seconds.": float(
                100 * np.mean((overlap / duration)[counted])
            ),
            "you count boundaries that lie within 50 ms: add up the time in which the right segment is named.": float(
                100 * np.mean((np.abs(estimated - true) <= 0.05)[counted])
            ),
            "you count segments that overlap at all: add up how long they overlap.": float(
                100 * np.mean((overlap > 0)[counted])
            ),
            "you count segments of which more than half is right: add up seconds.": float(
                100 * np.mean((overlap > duration / 2)[counted])
            ),
            "overlap over union is another measure: divide by the true durations.": share(
                overlap, np.maximum(ends, said_ends) - np.minimum(true, estimated)
            ),
            "the last segment is missing: it goes on to `end`.": 100
            * overlap[:-1][counted[:-1]].sum()
            / duration[counted].sum(),
            "the last segment is missing from both sums: it goes on to `end`.": share(
                overlap[:-1], duration[:-1], counted[:-1]
            ),
        }
