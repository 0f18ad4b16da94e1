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
        taps: length of the filter that a reference may pass unpunished; shortened for short signals.
    """
    import fast_bss_eval

    # torch inside: fast_bss_eval 0.1.4 solves its systems with numpy in a way that numpy 2 reads differently.
    e, r = (torch.from_numpy(np.asarray(x, np.float64)) for x in (estimate, reference))
    found = fast_bss_eval.bss_eval_sources(r, e, filter_length=taps, compute_permutation=False)
    return BSSEval(*(ratio.numpy() for ratio in found[:3]))
