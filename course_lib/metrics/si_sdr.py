"""How well sources were separated: SI-SDR, its improvement over the mixture, and SDR.

Conventions: sources on the last axis but one, samples on the last; decibels, higher is better; numpy or torch in,
the same kind out.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_lib.losses.pit import pairwise, permutation_invariant, reorder
from course_lib.losses.si_snr import si_snr

Array = np.ndarray | Tensor


class Scores(NamedTuple):
    """What `separation_scores` finds for each example of a batch."""

    si_sdr: Tensor
    """(batch,), dB: mean over the sources, best permutation."""
    improvement: Tensor
    """(batch,), dB: the same minus the SI-SDR of the mixture."""
    estimate: Tensor
    """(batch, sources, samples): the outputs in the order of the references."""


def si_sdr(estimate: Array, reference: Array, *, zero_mean: bool = True) -> Array:
    """Scale-invariant signal-to-distortion ratio in dB, (..., samples) → (...).

    The same formula as `losses.si_snr`, computed in float64 with the smallest possible safeguard: a perfect estimate
    gives some 300 dB and not the 80 dB where the loss saturates.

    Args:
        estimate, reference: (..., samples), both numpy or both torch.
        zero_mean: remove means first (SI-SNR of the separation papers); False is SI-SDR as Le Roux et al. write it.

    Reference: Le Roux et al., "SDR - half-baked or well done?", ICASSP 2019. Derived in unit 19_tasnet.
    """
    e, r = (torch.as_tensor(x).to(torch.float64) for x in (estimate, reference))
    value = si_snr(e, r, zero_mean=zero_mean, eps=torch.finfo(torch.float64).tiny)
    return value.numpy() if isinstance(estimate, np.ndarray) else value


def sdr(estimate: Array, reference: Array) -> np.ndarray:
    """BSS-eval signal-to-distortion ratio in dB: the reference may pass any filter of 512 taps, unlike in SI-SDR.

    Args:
        estimate, reference: (..., sources, samples), sources in matching order.

    Returns:
        (..., sources), float64.

    Reference: Vincent et al., 2006; computed by `fast_bss_eval` (Scheibler, 2021).
    """
    import fast_bss_eval

    e, r = (np.asarray(x, np.float64) for x in (estimate, reference))
    return fast_bss_eval.sdr(r, e)


def separation_scores(estimate: Tensor, reference: Tensor, mixture: Tensor) -> Scores:
    """SI-SDR and SI-SDR improvement of the best permutation.

    Args:
        estimate, reference: (batch, sources, samples).
        mixture: (batch, samples).

    Returns:
        `Scores`, on the CPU whatever the device of the arguments.
    """
    # On the CPU: float64 is missing on some accelerators.
    estimate, reference, mixture = (x.detach().cpu() for x in (estimate, reference, mixture))
    _, permutation = permutation_invariant(pairwise(lambda e, r: -si_sdr(e, r), estimate, reference))
    ordered = reorder(estimate, permutation)
    score = si_sdr(ordered, reference).mean(-1)
    baseline = si_sdr(mixture[:, None].expand_as(reference), reference).mean(-1)
    return Scores(score, score - baseline, ordered)
