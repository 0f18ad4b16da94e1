"""A deformation of the time axis: x(t - τ(t)) by band-limited interpolation.

Where τ' > 0 time runs slower and pitch falls, by the factor 1 - τ'; a constant τ is a shift.

Paper: S. Mallat, "Group invariant scattering", CPAM 65, 2012, section 2 (stability to such deformations). Derived in
unit 07_scattering.
"""

import math

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind

HALF_WIDTH = 16
"""Samples on each side that the interpolation looks at."""


@same_kind
def time_warp(x: Tensor, delay: Tensor) -> Tensor:
    """x(t - delay[t]) with a Hann-windowed sinc; the signal counts as zero outside.

    Args:
        x: (..., samples).
        delay: (samples,) or a number: τ in samples, of any sign and with fractions. Steps of |τ'| < 1 keep the order.

    Returns:
        (..., samples). Differentiable in `x`. A delay of 0 gives `x`. No filter guards against folding: where τ' < 0
        a component above (1 + τ')·sr/2 folds.

    Raises:
        ValueError: `delay` has another length than the signal.

    >>> time_warp(torch.tensor([0.0, 1.0, 0.0, 0.0]), 2.0).round(decimals=4).abs()
    tensor([0., 0., 0., 1.])
    """
    samples = x.shape[-1]
    delay = torch.as_tensor(delay, dtype=torch.float64, device=x.device)
    if delay.ndim > 1 or delay.numel() not in (1, samples):
        raise ValueError(f"a signal of {samples} samples needs as many delays (or one), got {tuple(delay.shape)}")
    position = torch.arange(samples, dtype=torch.float64, device=x.device) - delay
    base = position.floor()
    taps = torch.arange(1 - HALF_WIDTH, HALF_WIDTH + 1, device=x.device)
    distance = (position - base)[:, None] - taps
    weights = torch.sinc(distance) * torch.cos(math.pi * distance / (2 * HALF_WIDTH)).square()
    places = base.long()[:, None] + taps
    inside = (places >= 0) & (places < samples)
    gathered = x[..., places.clamp(0, max(samples - 1, 0))]
    return (gathered * (weights * inside).to(x.dtype)).sum(-1)
