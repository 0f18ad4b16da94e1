"""What usual mistakes in the harmonic stack (exercise 3.6) would give: a table for `mistakes=`, computed on demand."""

import math

import numpy as np

from course_lib.checks.cqt import oracle


def hcqt(
    x: np.ndarray, sr: float, harmonics: list[float], f_min: float, n_bins: int, bins_per_octave: int, hop: int
) -> dict:
    """Sentence → value."""
    exact = [bins_per_octave * math.log2(h) for h in harmonics]

    def stack(steps: list[float]) -> np.ndarray:
        return oracle.hcqt(x, sr, hop, f_min, n_bins, bins_per_octave, steps)

    want = stack([round(step) for step in exact])
    top = max(round(step) for step in exact)
    lowest = min(round(step) for step in exact)
    return {
        "the layers lie at exactly h·f_min: that is a CQT per harmonic (or `signal.hcqt`). Here they are slices of one "
        "grid, at round(B·log2 h).": stack(exact),
        "the steps were rounded down: take the nearest bin, round(B·log2 h).": stack([math.floor(s) for s in exact]),
        "the steps were rounded up: take the nearest bin, round(B·log2 h).": stack([math.ceil(s) for s in exact]),
        "the steps are those of 12 bins per octave: B·log2 h.": stack([round(12 * math.log2(h)) for h in harmonics]),
        "the grid begins at f_min, whatever the lowest harmonic: every layer is too high.":
            stack([round(step) - lowest for step in exact]),
        "harmonics go up, not down: layer h begins at h·f_min.": stack([-round(step) for step in exact])
        if max(exact) <= bins_per_octave else want,
        "every layer is the same: layer h begins round(B·log2 h) bins above f_min.": stack([0 for _ in exact]),
        "the layers are sorted: they come in the order of `harmonics`.": stack(sorted(round(step) for step in exact)),
        "the layers come in the reverse order.": np.flip(want, -3),
        "the wide CQT begins at f_min times the lowest harmonic, which lies between two bins: begin at the *step* of "
        "the lowest, f_min·2^(min(steps)/B).": stack([round(step) - lowest + min(exact) for step in exact]),
        "the steps are rounded relative to the lowest harmonic: round(B·log2 h), counted from f_min.":
            stack([round(step - min(exact)) + min(exact) for step in exact]),
        "the steps are made of ln h: an octave is a factor of 2, so B·log2 h.":
            stack([round(bins_per_octave * math.log(h)) for h in harmonics]),
    } | {
        f"a layer below f_min counts from the end of the wide CQT (negative index): begin it at the lowest step.{note}":
            stack([s + (count if s < 0 else 0) for s in map(round, exact)])
        for note, count in (("", top + n_bins), (" ", top - min(lowest, 0) + n_bins)) if lowest <= -n_bins
    }
