"""Edit distance between symbol strings, with the kinds of error counted, and the error rate over a set.

Conventions. The reference is what was said, the hypothesis what was recognised. A deletion is a reference symbol that
is missing, an insertion a hypothesis symbol too many. Of all cheapest alignments the one with the most substitutions
is counted, as a substitution stands for the other two together. The error rate of a set is the sum of its errors over
the sum of its reference lengths (so long strings weigh more), and may exceed one. With characters as symbols it is
the character error rate (CER), with words the word error rate (WER).

Paper: V. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", 1966. Used in unit
12_ctc, derived in unit 13_deep_speech.
"""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

Symbols = Sequence[Hashable]


class EditCounts(NamedTuple):
    """Errors of a hypothesis by kind, and the length of its reference."""

    substitutions: int
    deletions: int
    insertions: int
    length: int

    @property
    def errors(self) -> int:
        """Substitutions, deletions and insertions together: the Levenshtein distance."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Errors per reference symbol; of an empty reference 0 without errors, else infinite."""
        if self.length:
            return self.errors / self.length
        return np.inf if self.errors else 0.0

    def plus(self, other: "EditCounts") -> "EditCounts":
        """Counts of two strings together (`+` of a tuple would chain them)."""
        return EditCounts(*(a + b for a, b in zip(self, other, strict=True)))


def edit_counts(reference: Symbols, hypothesis: Symbols) -> EditCounts:
    """Errors of one hypothesis, by kind.

    >>> edit_counts("kitten", "sitting")
    EditCounts(substitutions=2, deletions=0, insertions=1, length=6)
    """
    # A cell holds (errors, -substitutions, deletions, insertions): the minimum prefers substitutions among ties.
    row = [(j, 0, 0, j) for j in range(len(hypothesis) + 1)]
    for i, symbol in enumerate(reference, start=1):
        above, row = row, [(i, 0, i, 0)]
        for j, heard in enumerate(hypothesis, start=1):
            e, s, d, n = above[j - 1]
            match = (e, s, d, n) if symbol == heard else (e + 1, s - 1, d, n)
            e, s, d, n = above[j]
            deletion = (e + 1, s, d + 1, n)
            e, s, d, n = row[j - 1]
            row.append(min(match, deletion, (e + 1, s, d, n + 1)))
    _, substitutions, deletions, insertions = row[-1]
    return EditCounts(-substitutions, deletions, insertions, len(reference))


def error_rate(references: Sequence[Symbols], hypotheses: Sequence[Symbols]) -> EditCounts:
    """Counts over a set of strings; `.rate` is the error rate.

    Raises:
        ValueError: the two sets differ in size.

    >>> error_rate(["12", "345"], ["12", "35"]).rate
    0.2
    """
    total = EditCounts(0, 0, 0, 0)
    for counts in _pairwise(references, hypotheses):
        total = total.plus(counts)
    return total


def error_interval(
    references: Sequence[Symbols], hypotheses: Sequence[Symbols], *, level: float = 0.95, draws: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Confidence interval of the error rate by the bootstrap: whole strings are drawn again with replacement.

    Errors within one string come together, so strings and not symbols are the unit that is drawn.

    Args:
        level: probability that the interval is to hold.
        draws: bootstrap samples.
        seed: of the draws; the same seed gives the same interval.

    Returns:
        Lower and upper end.

    Raises:
        ValueError: the two sets differ in size, or no reference holds a symbol.

    Paper: M. Bisani, H. Ney, "Bootstrap estimates for confidence intervals in ASR performance evaluation", ICASSP 2004.
    """
    counts = _pairwise(references, hypotheses)
    errors, lengths = np.array([c.errors for c in counts]), np.array([c.length for c in counts])
    if not lengths.sum():
        raise ValueError("an error rate needs at least one reference symbol")
    drawn = np.random.default_rng(seed).integers(len(counts), size=(draws, len(counts)))
    rates = errors[drawn].sum(1) / np.maximum(lengths[drawn].sum(1), 1)
    low, high = np.quantile(rates, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _pairwise(references: Sequence[Symbols], hypotheses: Sequence[Symbols]) -> list[EditCounts]:
    if len(references) != len(hypotheses):
        raise ValueError(f"expected one hypothesis for each of {len(references)} references, got {len(hypotheses)}")
    return [edit_counts(r, h) for r, h in zip(references, hypotheses, strict=True)]
