"""Ideal time-frequency masks: what a perfect masker could do, computed from the true sources.

All take the sources' spectrograms S, (..., sources, bins, frames), complex or magnitudes, numpy or torch, and return
real masks of the same shape that sum to one over the sources in *every* bin. In a bin where all sources are silent
the formulas read 0/0; there each source gets 1/sources, except that the binary mask gives the bin to the first source.
A tie between sources in the binary mask goes to the first of them too.

Derived in unit 16_masks. Papers: D. Wang, "On ideal binary mask as the computational goal of auditory scene analysis",
2005; H. Erdogan et al., "Phase-sensitive and recognition-boosted speech separation using deep recurrent neural
networks", ICASSP 2015.
"""

import numpy as np
import torch
from torch import Tensor

Array = np.ndarray | Tensor


def ideal_binary_mask(S: Array) -> Array:
    """1 for the strongest source of each bin, 0 for the others.

    >>> ideal_binary_mask(np.array([[[3.0, 1.0, 0.0]], [[2.0, 1.0, 0.0]]])).tolist()
    [[[1.0, 1.0, 1.0]], [[0.0, 0.0, 0.0]]]

    Reference: Wang, "On ideal binary mask as the computational goal of auditory scene analysis", 2005.
    Derived in unit 16_masks.
    """
    magnitude = _magnitude(S)
    strongest = magnitude.argmax(-3, keepdim=True)     # the first of equals
    return _like(torch.zeros_like(magnitude).scatter(-3, strongest, 1.0), S)


def ideal_ratio_mask(S: Array) -> Array:
    """|S_j| / Σ|S_i|: each source's share of the magnitudes. Derived in unit 16_masks.

    >>> ideal_ratio_mask(np.array([[[3.0, 0.0]], [[1.0, 0.0]]])).tolist()
    [[[0.75, 0.5]], [[0.25, 0.5]]]
    """
    return _like(_share(_magnitude(S)), S)


def wiener_mask(S: Array) -> Array:
    """|S_j|² / Σ|S_i|²: each source's share of the energy, the best real mask when phases are independent.

    Derived in unit 16_masks.
    """
    magnitude = _magnitude(S)
    # Dividing by the peak first keeps the squares of faint bins from vanishing in float32.
    peak = magnitude.amax(-3, keepdim=True)
    return _like(_share((magnitude / torch.where(peak > 0, peak, 1.0)).square()), S)


def phase_sensitive_mask(S: Array) -> Array:
    """Re(S_j / ΣS_i) cut to 0..1: the real mask whose output is nearest to S_j once it has the mixture's phase.

    It does not sum to one where it was cut. S must be complex.

    Reference: Erdogan et al., "Phase-sensitive and recognition-boosted speech separation", ICASSP 2015.
    """
    spectra = torch.as_tensor(S)
    mixture = spectra.sum(-3, keepdim=True)
    energy = mixture.abs().square()
    mask = (spectra * mixture.conj()).real / torch.where(energy > 0, energy, 1.0)
    return _like(mask.clamp(0, 1), S)


def _share(part: Tensor) -> Tensor:
    total = part.sum(-3, keepdim=True)
    return torch.where(total > 0, part / torch.where(total > 0, total, 1.0), 1 / part.shape[-3])


def _magnitude(S: Array) -> Tensor:
    return torch.as_tensor(S).abs()


def _like(mask: Tensor, S: Array) -> Array:
    return mask.numpy() if isinstance(S, np.ndarray) else mask
