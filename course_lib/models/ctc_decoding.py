"""From the posteriors of a CTC network to a label string: best path, and prefix beam search with a language model.

Conventions: `log_probs` is (frames, classes) of one utterance, numpy or torch, in nats; a label is a list of class
indices without the blank. Derived in unit 12_ctc.

Papers: Graves et al., ICML 2006 (best path); A. Hannun et al., "First-pass large vocabulary continuous speech
recognition using bi-directional recurrent DNNs", 2014 (prefix beam search).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from course_lib.models.bigram import BigramModel


class Hypothesis(NamedTuple):
    """A label and the log of what the search gives it: ln p(label | x) + weight · ln p_LM(label)."""

    label: list[int]
    score: float


def collapse(path: Sequence[int], blank: int = 0) -> list[int]:
    """The map B: merge repeats first, then drop the blanks.

    >>> collapse([1, 1, 0, 1, 2])
    [1, 1, 2]
    """
    path = [int(symbol) for symbol in path]
    return [now for before, now in zip([blank, *path], path, strict=False) if now not in (before, blank)]


def best_path(log_probs: Float[np.ndarray, "frames classes"], blank: int = 0) -> list[int]:
    """Greedy decoding: the most likely class of each frame, collapsed.

    The most likely path is not always a path of the most likely label: many unlikely paths may add up to more.
    """
    return collapse(np.asarray(log_probs).argmax(1).tolist(), blank)


def prefix_beam_search(
    log_probs: Float[np.ndarray, "frames classes"], *, beam: int = 16, language_model: BigramModel | None = None,
    weight: float = 1.0, length_bonus: float = 0.0, blank: int = 0, best: int = 1,
) -> list[Hypothesis]:
    """The most likely labels under the acoustics and a language model, by a search over prefixes.

    A prefix keeps two log probabilities: of its paths that end in a blank, and of those that end in its last symbol.
    Only the first can be lengthened by that symbol again. Paths of the same prefix are added up.

    Args:
        log_probs: log posteriors of one utterance.
        beam: prefixes kept after each frame.
        language_model: scores each new symbol, and the end of the string; none by default.
        weight: exponent of the language model.
        length_bonus: nats for each symbol, against models that favour short strings.
        blank: index of the blank.
        best: how many labels to return.

    Returns:
        At most `best` hypotheses, the best first. Exact when the beam holds every prefix.

    Raises:
        ValueError: `log_probs` is not (frames, classes) or holds NaN, the blank is none of its classes, the beam holds
            nothing, or the language model has other classes.
    """
    frames = checked_posteriors(log_probs, beam)
    if not 0 <= blank < frames.shape[1]:
        raise ValueError(f"the blank {blank} is none of the {frames.shape[1]} classes")
    if language_model is not None and language_model.log_probs.shape != (frames.shape[1],) * 2:
        raise ValueError(
            f"the language model is of {len(language_model.log_probs)} classes, the posteriors of {frames.shape[1]}"
        )
    table = np.zeros((frames.shape[1],) * 2) if language_model is None else weight * language_model.log_probs
    table = table.tolist()
    beams = {(): (0.0, -math.inf, 0.0)}   # prefix → ln p(ends in blank), ln p(ends in its last symbol), bonus so far
    for frame in frames.tolist():
        beams = _prune(_advance(beams, frame, table, length_bonus, blank), beam)
    final = [
        Hypothesis(list(prefix), log_add(ends_blank, ends_symbol) + bonus + table[(blank, *prefix)[-1]][blank])
        for prefix, (ends_blank, ends_symbol, bonus) in beams.items()
    ]
    return sorted(final, key=lambda hypothesis: -hypothesis.score)[:best]


def checked_posteriors(
    log_probs: Float[np.ndarray, "frames classes"], beam: int,
) -> Float[np.ndarray, "frames classes"]:
    """float64 posteriors of one utterance for a beam search.

    Raises:
        ValueError: another rank, NaN, or a beam that holds nothing.
    """
    frames = np.asarray(log_probs, dtype=np.float64)
    if frames.ndim != 2:
        raise ValueError(f"log_probs should be (frames, classes) of one utterance, got shape {frames.shape}")
    if np.isnan(frames).any():
        raise ValueError("log_probs hold NaN: has the training of the network diverged?")
    if beam < 1:
        raise ValueError(f"a beam holds at least one prefix, got {beam}")
    return frames


def _advance(beams: dict, frame: list[float], table: list[list[float]], length_bonus: float, blank: int) -> dict:
    """All prefixes one frame later; their acoustic probabilities added up in the log domain."""
    later: dict[tuple, list[float]] = {}

    def add(prefix: tuple, slot: int, log_p: float, bonus: float) -> None:
        entry = later.setdefault(prefix, [-math.inf, -math.inf, bonus])
        entry[slot] = log_add(entry[slot], log_p)

    for prefix, (ends_blank, ends_symbol, bonus) in beams.items():
        total = log_add(ends_blank, ends_symbol)
        last = (blank, *prefix)[-1]
        for symbol, log_y in enumerate(frame):
            if symbol == blank:
                add(prefix, 0, total + log_y, bonus)
                continue
            before = total
            if symbol == last:
                add(prefix, 1, ends_symbol + log_y, bonus)
                before = ends_blank
            add((*prefix, symbol), 1, before + log_y, bonus + table[last][symbol] + length_bonus)
    return later


def _prune(beams: dict, beam: int) -> dict:
    def rank(item: tuple) -> float:
        ends_blank, ends_symbol, bonus = item[1]
        return -log_add(ends_blank, ends_symbol) - bonus

    return dict(sorted(beams.items(), key=rank)[:beam])


def log_add(a: float, b: float) -> float:
    """ln(e^a + e^b) of two numbers: several times faster than numpy's on a scalar.

    >>> round(math.exp(log_add(math.log(2), math.log(3))), 9)
    5.0
    """
    if a < b:
        a, b = b, a
    return a if b == -math.inf else a + math.log1p(math.exp(b - a))
