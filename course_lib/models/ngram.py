"""n-gram language models of any order, smoothed: how likely is a string of symbols, whatever was heard.

Conventions. Class `boundary` stands for the edge of a string and is no symbol of it: as a history it is the start, as
an outcome the end. A history is cut to its last `order - 1` symbols, the start among them. Each history has a
distribution over all classes, so the probabilities of all strings of all lengths sum to one (if strings end at all).

Smoothing, for a history h with c(h) followers of T(h) kinds, h' being h without its oldest symbol:

    add          (c(h, w) + k) / (c(h) + k · classes)
    witten-bell  (c(h, w) + T(h) · p(w | h')) / (c(h) + T(h))
    kneser-ney   (c(h, w) - D) / c(h) + D · T(h) / c(h) · p(w | h'), where below the highest order c(h, w) counts the
                 kinds of symbols seen before h w: how many contexts a word fits, not how often it came.

The last resort of both is the uniform distribution. Derived in unit 11_dtw_hmm.

Papers: I. Witten, T. Bell, IEEE Trans. Information Theory 37, 1991; R. Kneser, H. Ney, "Improved backing-off for m-gram
language modeling", ICASSP 1995; S. Chen, J. Goodman, "An empirical study of smoothing techniques", 1999.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

METHODS = ("add", "witten-bell", "kneser-ney")
History = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class NGramModel:
    """Counts behind each history, and what to make of them. Made by `NGramModel.fit`."""

    order: int
    classes: int
    boundary: int
    method: str
    k: float
    counts: Mapping[History, Float[np.ndarray, " classes"]] = field(repr=False)
    discounts: tuple[float, ...] = ()
    _known: dict = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def fit(
        cls, strings: Iterable[Sequence[int]], classes: int, *, order: int = 3, method: str = "witten-bell",
        k: float = 0.1, boundary: int = 0,
    ) -> "NGramModel":
        """Count a text.

        Args:
            strings: lists of class indices without `boundary`.
            classes: number of classes, the boundary among them.
            order: symbols of an n-gram: 2 is a bigram.
            method: one of `METHODS`.
            k: what "add" adds to every count, positive.

        Raises:
            ValueError: a string holds the boundary or an unknown class, no string, or bad arguments.
        """
        if not 0 <= boundary < classes:
            raise ValueError(f"the boundary must be one of the classes 0 to {classes - 1}, got {boundary}")
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
        if order < 1 or (method == "add" and not k > 0):
            raise ValueError(f"order must be at least 1 and k positive, got order={order}, k={k}")
        counts = _count(strings, classes, order, boundary)
        if not counts:
            raise ValueError("no string was given: there is nothing to count")
        if method == "kneser-ney":
            counts = _continuations(counts, order, boundary, classes)
        return cls(order, classes, boundary, method, k, counts, _discounts(counts, order))

    def after(self, history: Sequence[int]) -> Float[np.ndarray, " classes"]:
        """ln p(what comes next), for all classes; the index `boundary` is the end of the string.

        Args:
            history: the string so far, from its first symbol on.

        Returns:
            A read-only array, kept for the next question.
        """
        context = (self.boundary, *history)
        context = context[len(context) - min(len(context), self.order - 1) :]
        if context not in self._known:
            self._known[context] = np.log(self._distribution(context))
            self._known[context].setflags(write=False)
        return self._known[context]

    def score(self, string: Sequence[int]) -> float:
        """ln p(string), its end included.

        Raises:
            ValueError: the string holds the boundary or an unknown class.
        """
        _expect_symbols(string, self.classes, self.boundary)
        ends = [*string, self.boundary]
        return float(sum(self.after(string[:i])[symbol] for i, symbol in enumerate(ends)))

    def perplexity(self, strings: Iterable[Sequence[int]]) -> float:
        """Geometric mean of 1/p over the symbols and ends of a text: among how many choices the model wavers.

        Raises:
            ValueError: no string, or as in `score`.
        """
        strings = list(strings)
        if not strings:
            raise ValueError("no string was given: there is nothing to judge")
        return float(np.exp(-sum(map(self.score, strings)) / sum(len(s) + 1 for s in strings)))

    def table(self) -> Float[np.ndarray, "classes classes"]:
        """ln p(b follows a) at [a, b], the row `boundary` for the start. For a bigram only.

        Raises:
            ValueError: the order is not 2.
        """
        if self.order != 2:
            raise ValueError(f"only a bigram fits into a table, and this model has order {self.order}")
        return np.stack([self.after([] if a == self.boundary else [a]) for a in range(self.classes)])

    def _distribution(self, context: History) -> Float[np.ndarray, " classes"]:
        c = self.counts.get(context)
        if self.method == "add":
            c = np.zeros(self.classes) if c is None else c
            return (c + self.k) / (c.sum() + self.k * self.classes)
        below = self._distribution(context[1:]) if context else np.full(self.classes, 1 / self.classes)
        if c is None:
            return below
        kinds = np.count_nonzero(c)
        if self.method == "witten-bell":
            return (c + kinds * below) / (c.sum() + kinds)
        discount = self.discounts[len(context)]
        return (np.maximum(c - discount, 0) + discount * kinds * below) / c.sum()


def _expect_symbols(string: Sequence[int], classes: int, boundary: int) -> None:
    if not all(0 <= symbol < classes and symbol != boundary for symbol in string):
        raise ValueError(f"symbols are 0 to {classes - 1} without the boundary class {boundary}, got {list(string)}")


def _count(strings: Iterable[Sequence[int]], classes: int, order: int, boundary: int) -> dict[History, np.ndarray]:
    """Followers of each history of 0 to order - 1 symbols; a history stops at the start of its string."""
    counts: dict[History, np.ndarray] = {}
    for string in strings:
        string = [int(symbol) for symbol in string]
        _expect_symbols(string, classes, boundary)
        padded = [boundary, *string, boundary]
        for i in range(1, len(padded)):
            for length in range(min(order - 1, i) + 1):
                context = tuple(padded[i - length : i])
                counts.setdefault(context, np.zeros(classes))[padded[i]] += 1
    return counts


def _continuations(
    counts: Mapping[History, np.ndarray], order: int, boundary: int, classes: int,
) -> dict[History, np.ndarray]:
    """Counts of Kneser and Ney: below the highest order, how many symbols were seen before history and outcome.

    Nothing stands before the start of a string, so a history that begins there keeps its plain counts.
    """
    made = {h: c for h, c in counts.items() if len(h) == order - 1 or h[:1] == (boundary,)}
    for history, c in counts.items():
        shorter = history[1:]
        if history:                                      # never the start: it has no history before it
            made[shorter] = made.get(shorter, np.zeros(classes)) + (c > 0)
    return made


def _discounts(counts: Mapping[History, np.ndarray], order: int) -> tuple[float, ...]:
    """n1 / (n1 + 2 n2) for each length of history: what counts of one turn out to be worth in fresh text (Ney 1994)."""
    found = []
    for length in range(order):
        values = np.concatenate([np.zeros(0), *(c for h, c in counts.items() if len(h) == length)])
        once, twice = np.count_nonzero(values == 1), np.count_nonzero(values == 2)
        found.append(once / (once + 2 * twice) if once and twice else 0.5)
    return tuple(found)
