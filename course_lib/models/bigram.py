"""A bigram language model over a small alphabet: how likely is a string of symbols, whatever was heard.

Conventions. Class `boundary` (the index that CTC uses for its blank, which no string holds) stands for the edge of a
string: row `boundary` holds the first symbol, column `boundary` the end. Each row is a distribution over what comes
next, so the probabilities of all strings of all lengths sum to one.

A bigram fits into one table; `NGramModel` has any order and better smoothing, and `BigramModel(ngram.table())` is
this table of it. Used in unit 12_ctc; language models are derived in unit 11_dtw_hmm.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from course_lib.models.ngram import NGramModel


@dataclass(frozen=True, eq=False)
class BigramModel:
    """`log_probs[a, b]` = ln p(b follows a)."""

    log_probs: Float[np.ndarray, "classes classes"]
    boundary: int = 0

    @classmethod
    def fit(
        cls, strings: Iterable[Sequence[int]], classes: int, *, smoothing: float = 0.1, boundary: int = 0,
    ) -> "BigramModel":
        """Count pairs in a text and add `smoothing` (> 0) to every count, so that no pair is impossible.

        Raises:
            ValueError: a string holds the boundary class, or smoothing is not positive.
        """
        if smoothing <= 0:
            raise ValueError("smoothing must be positive: a pair that was never seen would be impossible for ever")
        model = NGramModel.fit(strings, classes, order=2, method="add", k=smoothing, boundary=boundary)
        return cls(model.table(), boundary)

    def after(self, history: Sequence[int]) -> Float[np.ndarray, " classes"]:
        """ln p(what comes next), for all classes; as `NGramModel.after`."""
        return self.log_probs[history[-1] if len(history) else self.boundary]

    def score(self, string: Sequence[int]) -> float:
        """ln p(string), its end included."""
        padded = [self.boundary, *string, self.boundary]
        return float(self.log_probs[padded[:-1], padded[1:]].sum())

    def perplexity(self, strings: Iterable[Sequence[int]]) -> float:
        """Geometric mean of 1/p over the symbols and ends of a text: among how many choices the model wavers."""
        strings = list(strings)
        return float(np.exp(-sum(map(self.score, strings)) / sum(len(s) + 1 for s in strings)))
