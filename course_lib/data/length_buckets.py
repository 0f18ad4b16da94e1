"""Batches of utterances of about the same length: little padding, and still another order in every epoch.

A batch is as long as its longest utterance. With utterances in random order most of a batch may be padding, which costs
as much time as speech. Sorted into buckets it is little. Derived in unit 13_deep_speech.

Paper: D. Amodei et al., "Deep Speech 2: end-to-end speech recognition in English and Mandarin", ICML 2016 (whose first
epoch goes from short to long utterances, "SortaGrad").
"""

from collections.abc import Sequence

import numpy as np


def length_buckets(
    lengths: Sequence[int], batch_size: int, rng: np.random.Generator | None = None, *, pool: int = 50,
) -> list[list[int]]:
    """Indices of utterances in batches of similar length.

    The utterances are shuffled, cut into pools of `pool` batches, sorted by length within each pool and cut into
    batches; then the batches are shuffled. A small pool mixes well, a large one pads little.

    Args:
        lengths: of all utterances, in any unit.
        batch_size: utterances in a batch; the last batch of a pool may be smaller.
        rng: shuffles; None sorts all utterances and keeps the batches from short to long (SortaGrad).
        pool: batches that are sorted together.

    Returns:
        Lists of indices; each utterance is in exactly one.

    Raises:
        ValueError: a batch size or a pool below one.

    >>> length_buckets([7, 1, 6, 2, 9], 2)
    [[1, 3], [2, 0], [4]]
    """
    if batch_size < 1 or pool < 1:
        raise ValueError(f"batch_size and pool must be at least 1, got {batch_size} and {pool}")
    lengths = np.asarray(lengths)
    order = np.arange(len(lengths)) if rng is None else rng.permutation(len(lengths))
    size = len(order) if rng is None else batch_size * pool
    batches = []
    for first in range(0, len(order), max(size, 1)):
        some = order[first : first + size]
        some = some[np.argsort(lengths[some], kind="stable")]
        batches += [some[i : i + batch_size].tolist() for i in range(0, len(some), batch_size)]
    if rng is not None:
        batches = [batches[i] for i in rng.permutation(len(batches))]
    return batches


def padding_share(lengths: Sequence[int], batches: Sequence[Sequence[int]]) -> float:
    """Share of the frames of all padded batches that is padding, 0 … 1.

    >>> padding_share([4, 2], [[0, 1]])
    0.25
    """
    padded = sum(len(batch) * max(lengths[i] for i in batch) for batch in batches)
    return 1.0 - sum(lengths[i] for batch in batches for i in batch) / padded if padded else 0.0
