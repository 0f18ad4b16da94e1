"""Percentage of correctly aligned segments (PCAS): for how much of the time the right segment is named.

Conventions: segments follow each other without gaps, segment m from its onset to the onset of m + 1, the last one to
`end`; estimate and truth hold the same segments in the same order. Seconds. MIREX and mir_eval call it percentage of
correct segments (PCS); `mir_eval.alignment.percentage_correct_segments` is this with all segments counted.

Papers: Fujihara et al., "LyricSynchronizer", IEEE J. Sel. Top. Signal Process., 2011; Schulze-Forster et al., 2021.
Derived in unit 14_attention.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float


def overlap_seconds(estimated: Sequence[float], true: Sequence[float], end: float) -> Float[np.ndarray, " segments"]:
    """How long each estimated segment and the true one overlap; 0 if they do not."""
    starts = np.stack([np.asarray(estimated, np.float64), np.asarray(true, np.float64)])
    ends = np.concatenate([starts[:, 1:], np.full((2, 1), float(end))], axis=1)
    return np.maximum(ends.min(0) - starts.max(0), 0.0)


def correctly_aligned(
    estimated: Sequence[float], true: Sequence[float], end: float, counted: Bool[np.ndarray, " segments"] | None = None
) -> float:
    """PCAS in percent.

    Args:
        estimated, true: onsets, the same number of each, not falling.
        end: where the last segment ends in both.
        counted: which segments count (pauses may be left out); all if None. Time of the others is in neither sum.

    Returns:
        100 · (overlap of the counted segments) / (their true duration).

    Raises:
        ValueError: different numbers of onsets or flags, onsets that are NaN or fall, a true one beyond the end, or
            nothing that counts.
    """
    if len(estimated) != len(true):
        raise ValueError(f"{len(estimated)} estimated onsets against {len(true)} true ones")
    counted = np.ones(len(true), bool) if counted is None else np.asarray(counted, bool)
    if counted.shape != (len(true),):
        raise ValueError(f"`counted` has shape {counted.shape}: give True or False for each of {len(true)} segments")
    for name, borders in (("estimated onsets", estimated), ("true onsets with their end", [*true, end])):
        if not (np.diff(borders) >= 0).all():  # NaN is not
            raise ValueError(f"the {name} are NaN or fall somewhere: {np.asarray(borders)}")
    duration = np.diff(np.append(true, end))[counted].sum()
    if not duration > 0:
        raise ValueError("no counted segment has any duration")
    return float(100 * overlap_seconds(estimated, true, end)[counted].sum() / duration)
