"""The map B and the sum over paths."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.core import as_array, expect, expect_close, expect_equal, passed, subject, visible_rng
from course_lib.checks.ctc import oracles as oracle


def collapse(answer, *, rng: Generator | None = None, cases: int = 40) -> None:
    """The map B on random paths, with the blank at any index. (exercise 12.1)"""
    f, rng = subject(answer), visible_rng(rng)
    paths = [([1, 1, 0, 1, 2, 2, 1], 0), ([0, 0, 0], 0), ([], 0), ([2, 2, 1, 1, 2], 1), ([0, 0, 3, 0], 3)]
    for _ in range(cases):
        blank = int(rng.integers(3))
        path = np.repeat(rng.integers(0, 3, 9), rng.integers(0, 3, 9))
        paths.append((path.tolist(), blank))
    for path, blank in paths:
        _expect_collapsed(f, path, blank)
    passed("collapse", f"{len(paths)} paths, the blank at index 0, 1, 2 or 3")


def _expect_collapsed(f, path: list[int], blank: int) -> None:
    merged = [k for i, k in enumerate(path) if i == 0 or k != path[i - 1]]
    kept = [k for k in path if k != blank]
    got = f.call(path, blank=blank)
    expect(not isinstance(got, str), "the label should be a list of class indices, got a string.")
    expect_equal(
        got, oracle.merge_then_drop(path, blank), "the label", context=f"for the path {path} with blank {blank}",
        mistakes={
            **({"the blank has the index that is handed in, not always 0.": oracle.merge_then_drop(path, 0)}
               if blank else {}),
            "you dropped the blanks before merging repeats, so a symbol on both sides of a blank became one.":
                [k for i, k in enumerate(kept) if i == 0 or k != kept[i - 1]],
            "you dropped the blanks, but did not merge the repeats.": kept,
            "you merged the repeats, but the blanks are still there.": merged,
            "each symbol appears once: only neighbours are repeats.": list(dict.fromkeys(kept)),
        },
    )  # fmt: skip


def label_probability(answer, *, rng: Generator | None = None, cases: int = 12) -> None:
    """p(l | x) on random posteriors small enough to enumerate; the sum over all labels is one. (exercise 12.2)"""
    f, rng = subject(answer), visible_rng(rng)
    tried = [(1, 2, []), (1, 3, [1]), (2, 3, [1, 1]), (3, 3, [2, 2]), (4, 2, []), (3, 3, [1, 2, 1, 2])]
    tried += [(int(rng.integers(1, 6)), int(rng.integers(2, 5)), None) for _ in range(cases)]
    for i, (frames, classes, label) in enumerate(tried):
        blank = 0 if i < 8 else int(rng.integers(classes))
        symbols = np.delete(np.arange(classes), blank)
        label = rng.choice(symbols, rng.integers(frames + 1)).tolist() if label is None else label
        _expect_probability(f, oracle.posteriors(rng, frames, classes), label, blank)
    probs = oracle.posteriors(rng, 3, 3)
    labels = oracle.label_distribution(probs, 0)
    expect_close(
        sum(float(f.call(probs, list(label), blank=0)) for label in labels), 1.0,
        "the sum of p(l | x) over every label of up to three symbols", rtol=1e-6,
    )
    passed("label_probability", f"{len(tried)} labels, and a distribution over all labels that sums to one")


def _expect_probability(f, probs: ndarray, label: list[int], blank: int) -> None:
    want = oracle.label_distribution(probs, blank).get(tuple(label), 0.0)
    best = max(oracle.path_probabilities(probs, label, blank), default=0.0)
    paths = oracle.path_probabilities(np.ones_like(probs), label, blank)
    early = oracle.label_distribution(probs, blank, oracle.drop_then_merge)
    context = f"for the label {label} over {len(probs)} frames and {probs.shape[1]} classes, blank {blank}"
    got = f.call(probs, label, blank=blank)
    expect(as_array(got, "p(l | x)").size == 1, f"p(l | x) should be one number {context}.")
    expect_close(
        as_array(got).reshape(()), want, "p(l | x)", rtol=1e-6, atol=1e-12, context=context,
        mistakes={
            "you kept the most likely path only: add up all paths that collapse to the label.": best,
            "you took the mean over the paths: add them up.": want / max(len(paths), 1),
            "you counted the paths (or took the empty label as certain): each path counts with its own probability.":
                float(len(paths)),
            "within a path the probabilities of the frames multiply; you added them.":
                sum(oracle.path_probabilities(probs, label, blank, np.sum)),
            **({"your map B drops the blanks before it merges the repeats.": early[tuple(label)]}
               if tuple(label) in early else {}),
            **({"your map B drops the blanks before it merges the repeats (or, if you use models.collapse, some paths "
                "are left out: itertools.product gives them all).": 0.0} if want and tuple(label) not in early else {}),
            **({"the blank has the index that is handed in: hand it on to models.collapse.":
                oracle.label_distribution(probs, 0).get(tuple(label), 0.0)} if blank else {}),
            **({"paths of the label were left out: go through all classes ** frames strings (itertools.product), and "
                "compare a list with a list (a list never equals a tuple).": 0.0} if want else {}),
            "this is ln p; the card asks for p.": oracle.log_zero(np.float64(want)),
            "this is -ln p, the loss; the card asks for p.": -oracle.log_zero(np.float64(want)),
        },
    )  # fmt: skip
