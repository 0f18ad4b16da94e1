"""BSS-eval: how much of an estimate is the source, how much the other sources, how much something else.

Conventions: sources on the last axis but one, samples on the last; decibels, higher is better.

Papers: Vincent, Gribonval and Fevotte, "Performance measurement in blind audio source separation", TASLP 2006;
computed by `fast_bss_eval` (Scheibler, 2021). Used in unit 14_attention, derived in unit 16_masks.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float

Ratios = Float[np.ndarray, "... sources"]


class BSSEval(NamedTuple):
    """Ratios in dB, each (..., sources)."""

    sdr: Ratios
    """Source to distortion: everything that is not the source."""
    sir: Ratios
    """Source to interference: what is left of the other sources."""
    sar: Ratios
    """Source to artefacts: what is in none of the sources."""


def bss_eval(
    estimate: Float[np.ndarray, "... sources samples"], reference: Float[np.ndarray, "... sources samples"],
    *, taps: int = 512,
) -> BSSEval:
    """SDR, SIR and SAR of estimates in the order of their references.

    Args:
        taps: length of the filter that a reference may pass unpunished; at most the number of samples is used.

    Raises:
        ValueError: shapes that differ or have no axis of sources, no samples, NaN or infinity, or a silent reference,
            with which nothing can be compared.
    """
    import fast_bss_eval

    # torch inside: fast_bss_eval 0.1.4 solves its systems with numpy in a way that numpy 2 reads differently.
    e, r = (torch.from_numpy(np.asarray(x, np.float64)) for x in (estimate, reference))
    if e.shape != r.shape or e.ndim < 2 or not e.shape[-1]:
        raise ValueError(
            f"estimate {tuple(e.shape)} and reference {tuple(r.shape)} must have one shape, (..., sources, samples)"
        )
    if not (e.isfinite().all() and r.isfinite().all()):
        raise ValueError("there is NaN or infinity in the estimate or in the reference")
    if not r.any(-1).all():
        raise ValueError("a reference is silent: no ratio can be computed")
    taps = min(taps, e.shape[-1])
    found = fast_bss_eval.bss_eval_sources(r, e, filter_length=taps, compute_permutation=False)
    return BSSEval(*(ratio.numpy() for ratio in found[:3]))
