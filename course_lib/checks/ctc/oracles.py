"""What CTC quantities must be, by definition: enumerate the paths. And what the usual mistakes make of them.

The first half knows nothing but the map B; the second half holds recursions with one fault each, which give the
messages of `checks.ctc` their numbers. Nothing here is used where an answer is right.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import groupby, pairwise, product

import numpy as np
from numpy import ndarray
from numpy.random import Generator

Path = Sequence[int]


def merge_then_drop(path: Path, blank: int) -> list[int]:
    """The map B, by grouping equal neighbours."""
    return [symbol for symbol, _ in groupby(path) if symbol != blank]


def drop_then_merge(path: Path, blank: int) -> list[int]:
    """The usual wrong map: blanks first."""
    return [symbol for symbol, _ in groupby(symbol for symbol in path if symbol != blank)]


def posteriors(rng: Generator, frames: int, classes: int) -> ndarray:
    """Random posteriors, no two alike; each frame sums to one."""
    probs = rng.dirichlet(np.full(classes, 0.8), frames) + 1e-3
    return probs / probs.sum(1, keepdims=True)


def bigram(rng: Generator, classes: int) -> ndarray:
    """A random table of ln p(b follows a)."""
    return np.log(posteriors(rng, classes, classes))


def label_distribution(
    probs: ndarray, blank: int, collapse: Callable[[Path, int], list[int]] = merge_then_drop,
) -> dict[tuple[int, ...], float]:
    """p(l | x) of every label that some path of (frames, classes) `probs` stands for; a wrong B may be handed in."""
    total = defaultdict(float)
    frames, classes = probs.shape
    for path in product(range(classes), repeat=frames):
        total[tuple(collapse(path, blank))] += float(np.prod([probs[t, k] for t, k in enumerate(path)]))
    return dict(total)


def path_probabilities(probs: ndarray, label: Path, blank: int, combine: Callable = np.prod) -> list[float]:
    """The probability of each path of one label; `combine` may be a wrong way to put the frames together."""
    return [
        float(combine([probs[t, k] for t, k in enumerate(path)]))
        for path in product(range(probs.shape[1]), repeat=len(probs)) if merge_then_drop(path, blank) == list(label)
    ]


def with_blanks(label: Path, blank: int) -> list[int]:
    """The states of a label."""
    return [blank] + [symbol for pair in label for symbol in (pair, blank)]


def alpha_by_paths(probs: ndarray, label: Path, blank: int) -> ndarray:
    """alpha in the probability domain: sums over all beginnings that B maps to the right part of the label.

    State s is a blank after s/2 symbols if s is even, else the symbol number (s+1)/2: a beginning is in it if it ends
    on that class and collapses to that many symbols.
    """
    states, label = with_blanks(label, blank), list(label)
    alpha = np.zeros((len(probs), len(states)))
    for t in range(len(probs)):
        for path in product(range(probs.shape[1]), repeat=t + 1):
            said = merge_then_drop(path, blank)
            if said == label[: len(said)]:
                s = 2 * len(said) - (path[-1] != blank)
                alpha[t, s] += np.prod([probs[i, k] for i, k in enumerate(path)])
    return alpha


def beta_by_paths(probs: ndarray, label: Path, blank: int) -> ndarray:
    """beta in the probability domain: a path read backwards is a path of the label read backwards."""
    return alpha_by_paths(probs[::-1], list(label)[::-1], blank)[::-1, ::-1]


def log_zero(x: ndarray) -> ndarray:
    """Natural logarithm with log 0 = -inf, in silence."""
    with np.errstate(divide="ignore"):
        return np.log(x)


def alpha_with_fault(probs: ndarray, label: Path, blank: int, fault: str = "") -> ndarray:
    """The recursion in the probability domain; `fault` names what is wrong with it ("" for nothing)."""
    states = np.array(with_blanks(label, blank))
    count = len(states)
    skip = np.array([
        s >= 2 and {
            "skip over equal symbols": states[s] != blank,
            "no skip": False,
            "skip between blanks": states[s] == blank or states[s] != states[s - 2],
        }.get(fault, states[s] != blank and states[s] != states[s - 2])
        for s in range(count)
    ])
    alpha = np.zeros((len(probs), count))
    first = {"start in the blank only": 1, "start anywhere": count}.get(fault, 2)
    alpha[0, :first] = probs[0, states[:first]]
    for t in range(1, len(probs)):
        before = alpha[t - 1]
        total = before.copy() if fault != "no staying" else np.zeros(count)
        total[1:] += before[:-1]
        total[2:] += np.where(skip[2:], before[:-2], 0.0)
        alpha[t] = total if fault == "no emission" else total * probs[t, states]
    return alpha


def beta_with_fault(probs: ndarray, label: Path, blank: int, fault: str = "") -> ndarray:
    """The mirrored recursion, with the same faults."""
    return alpha_with_fault(probs[::-1], list(label)[::-1], blank, fault)[::-1, ::-1]


def log_variables(log_y: ndarray, label: Path, blank: int) -> tuple[ndarray, ndarray, float]:
    """alpha, beta and ln p in the log domain, for inputs too long to enumerate: the input of the gradient."""
    def forward(log_y: ndarray, label: list[int]) -> ndarray:
        states = np.array(with_blanks(label, blank))
        gate = np.full(len(states), -np.inf)
        gate[2:][(states[2:] != blank) & (states[2:] != states[:-2])] = 0.0
        alpha = np.full((len(log_y), len(states) + 2), -np.inf)
        alpha[0, 2:4] = log_y[0, states[:2]]
        for t in range(1, len(log_y)):
            ways = np.stack([alpha[t - 1, 2:], alpha[t - 1, 1:-1], alpha[t - 1, :-2] + gate])
            alpha[t, 2:] = np.logaddexp.reduce(ways) + log_y[t, states]
        return alpha[:, 2:]

    alpha = forward(log_y, list(label))
    return alpha, forward(log_y[::-1], list(label)[::-1])[::-1, ::-1], float(np.logaddexp.reduce(alpha[-1, -2:]))


def language_score(label: Path, table: ndarray, blank: int, fault: str = "") -> float:
    """ln p_LM(label) from the edge of the string to the edge."""
    padded = [blank, *label, blank]
    pairs = list(pairwise(padded))
    pairs = {"no end": pairs[:-1], "no start": pairs[1:], "turned": [p[::-1] for p in pairs]}.get(fault, pairs)
    return float(sum(table[a, b] for a, b in pairs))


def best_label(
    probs: ndarray, table: ndarray, weight: float, blank: int, *, fault: str = "", per_path: Callable = sum,
) -> tuple[list[int], float, float]:
    """The label of the highest score among all, its score, and how far behind the second is."""
    totals = defaultdict(list)
    for path in product(range(probs.shape[1]), repeat=len(probs)):
        totals[tuple(merge_then_drop(path, blank))].append(np.prod([probs[t, k] for t, k in enumerate(path)]))
    return _best({
        label: float(np.log(per_path(ps))) + weight * language_score(label, table, blank, fault)
        for label, ps in totals.items()
    })


def best_label_per_frame(
    probs: ndarray, table: ndarray, weight: float, blank: int,
) -> tuple[list[int], float, float]:
    """The same with a usual fault: the language model is applied in every frame that holds a symbol, new or not."""
    totals = defaultdict(float)
    for path in product(range(probs.shape[1]), repeat=len(probs)):
        p, before = 1.0, blank
        for t, k in enumerate(path):
            p *= probs[t, k] * (1.0 if k == blank else np.exp(weight * table[before, k]))
            before = before if k == blank else k
        totals[tuple(merge_then_drop(path, blank))] += p
    return _best({label: np.log(p) + weight * table[(label or (blank,))[-1], blank] for label, p in totals.items()})


def _best(scores: dict[tuple, float]) -> tuple[list[int], float, float]:
    first, second = sorted(scores.items(), key=lambda item: -item[1])[:2]
    return list(first[0]), float(first[1]), float(first[1] - second[1])


def beam_search(
    probs: ndarray, table: ndarray, beam: int, weight: float, blank: int, fault: str = "",
) -> tuple[list[int], float]:
    """Prefix beam search in the probability domain, frame by frame, pulled (each prefix asks where it comes from)."""
    kept = {(): (1.0, 0.0)}
    for t, y in enumerate(probs):
        wanted = set(kept) | {(*p, k) for p in kept for k in range(len(y)) if k != blank}
        later = {}
        for prefix in wanted:
            in_blank, in_symbol = kept.get(prefix, (0.0, 0.0))
            ends_blank, ends_symbol = (in_blank + in_symbol) * y[blank], 0.0
            if prefix:
                parent_blank, parent_symbol = kept.get(prefix[:-1], (0.0, 0.0))
                repeats = len(prefix) > 1 and prefix[-2] == prefix[-1] and fault != "repeat needs no blank"
                stays = in_symbol + (in_blank if fault == "blank goes on as symbol" else 0.0)
                enters = parent_blank + (0.0 if repeats else parent_symbol)
                ends_symbol = (max(stays, enters) if fault == "merged by max" else stays + enters) * y[prefix[-1]]
            later[prefix] = (ends_blank, ends_symbol)

        def rank(prefix: tuple, later: dict = later) -> float:
            said = 0.0 if fault == "pruned by sound alone" else sum(table[a, b] for a, b in zip(
                (blank, *prefix), prefix, strict=False))
            return float(log_zero(np.float64(sum(later[prefix])))) + weight * said

        last = fault == "last frame not pruned" and t == len(probs) - 1
        kept = {prefix: later[prefix] for prefix in sorted(later, key=rank, reverse=True)[: None if last else beam]}
    scores = {
        prefix: float(log_zero(np.float64(sum(ends)))) + weight * language_score(prefix, table, blank)
        for prefix, ends in kept.items()
    }
    winner = max(scores, key=scores.get)
    return list(winner), scores[winner]
