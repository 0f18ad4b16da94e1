"""The Witten-Bell bigram: against the counts written out, as a distribution, and on texts with gaps."""

import itertools

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.core import as_array, expect, expect_close, passed, subject, visible_rng
from course_lib.checks.dtw_hmm import oracle


def witten_bell(answer, *, rng: Generator | None = None, cases: int = 8) -> None:
    """Random texts, some symbols of which never come. (exercise 11.5)"""
    f, rng = subject(answer), visible_rng(rng)
    texts = [([[1, 2], [1, 1, 2]], 3), ([[1]], 4), ([[2, 2, 2], []], 3), ([[1, 2, 3], [3], [1, 2]], 6)]
    for _ in range(cases):
        classes = int(rng.integers(4, 8))
        lengths = rng.integers(0, 6, int(rng.integers(2, 9)))
        texts.append(([rng.integers(1, classes - 1, n).tolist() for n in [*lengths, 3]], classes))
    for strings, classes in texts:
        _expect_table(f, strings, classes)
    passed("witten_bell", f"{len(texts)} texts of up to 9 strings, symbols that were never seen among them")


def _expect_table(f, strings: list, classes: int) -> None:
    context = f"for the text {strings} over {classes} classes" if len(strings) < 4 else f"for {len(strings)} strings"
    got = as_array(f.call(strings, classes), "the table")
    want = oracle.witten_bell(strings, classes)
    if got.shape == want.shape:
        _expect_distribution(got, want, strings, context)
    expect_close(got, want, "the table", rtol=1e-5, context=context, mistakes=lambda: _named(strings, classes))


def _expect_distribution(got: ndarray, want: ndarray, strings: list, context: str) -> None:
    """Every row sums to one and has no zero: said first, as it is what smoothing is for."""
    named = [text for text, wrong in _named(strings, len(want)).items()
             if np.allclose(got, wrong, rtol=1e-4, equal_nan=True) and not np.allclose(wrong, want, rtol=1e-4)]
    if named:
        expect(False, f"the table is wrong {context}: {named[0]}")
    if not np.isfinite(got).all():
        row = int(np.argwhere(~np.isfinite(got))[0, 0])
        unseen = row > 0 and not any(row in string for string in strings)
        expect(False, f"row {row} is not finite {context}: " + (
            f"the class {row} is never followed by anything in this text, so only the unigram is left." if unseen else
            "a division by zero, or the logarithm of zero?"))
    expect((got >= 0).all(), f"the table holds {int((got < 0).sum())} negative numbers {context}: the card asks for "
           "probabilities. Are these logarithms?")
    off = np.abs(got.sum(1) - 1)
    row = int(off.argmax())
    expect(off[row] < 1e-4, f"row {row} of the table sums to {got[row].sum():.4f} and not to one {context}: does p(b) "
           "alone sum to one? What smoothing gives to unseen pairs must be taken from the seen ones.")
    expect((got > 0).all(), f"the table holds {int((got <= 0).sum())} zeros {context}: what was never seen would be "
           "impossible for ever.")


def _named(strings: list, classes: int) -> dict[str, ndarray]:
    right = oracle.witten_bell(strings, classes)
    return {
        "it is turned: p(b | a) stands at [a, b].": right.T,
        "these are logarithms: the card asks for probabilities.": np.log(right),
        "the columns are normalised: each row is a distribution over what follows.":
            _counts(strings, classes) / np.maximum(_counts(strings, classes).sum(0), 1e-300),
        "this is add-one smoothing: it gives every unseen pair the same, however rare its symbol.":
            (_counts(strings, classes) + 1) / (_counts(strings, classes) + 1).sum(1, keepdims=True),
        "nothing is smoothed: pairs that were not seen have probability zero.": _plain(strings, classes, 0.0),
        "nothing is smoothed: a class that was never seen gives 0 / 0.": _plain(strings, classes, np.nan),
        "empty strings are left out: an empty one goes from the start to the end, and that pair counts.":
            _mixed(_counts([s for s in strings if len(s)], classes)),
        "the end is missing: the last symbol of a string is followed by class 0.":
            _mixed(_counts(strings, classes, ends=False)),
        "the start is missing: the first symbol of a string follows class 0.":
            _mixed(_counts(strings, classes, starts=False)),
        "p(b) does not sum to one: V counts all classes, 0 too.": _mixed(_counts(strings, classes), spread=classes - 1),
        "p(b) does not sum to one: C counts the ends too, so it is the sum of c(b) over all b.":
            _mixed(_counts(strings, classes), tokens_less=len(strings)),
        "the edge is missing: a string begins after class 0 and ends in it, and both count.":
            _mixed(_counts(strings, classes, starts=False, ends=False)),
        "pairs reach from one string into the next: each string stands between two edges of its own.":
            _mixed(_counts([[k for s in strings for k in s]], classes)),
        "T(a) counts followers as often as they come: it is the number of different ones.":
            _mixed(_counts(strings, classes), tokens=True),
        "the unigram is not smoothed: a symbol that was never seen has probability zero in it.":
            _mixed(_counts(strings, classes), smooth_unigram=False),
        "the unigram counts the starts too: it is the distribution of what follows, symbols and ends; nothing is "
        "followed by a start.": _mixed(_counts(strings, classes), starts=len(strings)),
        "the pairs fall back to the uniform distribution: they fall back to the unigram, and only that to the uniform "
        "one.": _mixed(_counts(strings, classes), uniform=True),
        "a class that was never seen has a row of zeros: only the unigram is left for it.":
            _mixed(_counts(strings, classes), unseen=0.0),
        "a class that was never seen has a uniform row: the unigram is left for it.":
            _mixed(_counts(strings, classes), unseen=1 / classes),
        "the share of the unigram is counted once for every pair, and not T(a) times.":
            _mixed(_counts(strings, classes), kinds_weight=False),
    }


def _counts(strings: list, classes: int, *, starts: bool = True, ends: bool = True) -> ndarray:
    table = np.zeros((classes, classes))
    for string in strings:
        padded = [0] * starts + list(string) + [0] * ends
        for a, b in itertools.pairwise(padded):
            table[a, b] += 1
    return table


def _plain(strings: list, classes: int, unseen: float) -> ndarray:
    counts = _counts(strings, classes)
    total = counts.sum(1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1), unseen)


def _mixed(
    counts: ndarray, *, tokens: bool = False, smooth_unigram: bool = True, starts: int = 0, uniform: bool = False,
    unseen: float | None = None, kinds_weight: bool = True, spread: int = 0, tokens_less: int = 0,
) -> ndarray:
    """Witten-Bell from a table of counts, with one fault."""
    classes = len(counts)
    flat = np.full(classes, 1 / classes)
    one = counts.sum(0)
    one[0] += starts
    kinds = np.count_nonzero(one)
    unigram = (one + kinds / (spread or classes)) / max(one.sum() - tokens_less + kinds, 1)
    if not smooth_unigram:
        unigram = one / max(one.sum(), 1)
    below = flat if uniform else unigram
    kinds = counts.sum(1, keepdims=True) if tokens else np.count_nonzero(counts, axis=1)[:, None]
    total = counts.sum(1, keepdims=True)
    share = kinds * below if kinds_weight else (kinds > 0) * below
    rest = below if unseen is None else np.full(classes, unseen)
    return np.where(total > 0, (counts + share) / np.maximum(total + kinds, 1), rest)
