"""Bits per sample of a density when the samples are classes: the mass that the density has between two edges.

A density gives no bits by itself: they depend on the unit of amplitude. What can be compared with the softmax of a
network is the probability of the *class* that was observed,

    P(class k) = F((e_{k+1} - m)/σ) - F((e_k - m)/σ),      e_0 = -∞,  e_classes = +∞,

with the edges e of the classes, the prediction m and the scale σ. It sums to one over the classes, so -log2 P is in the
same unit as the cross-entropy of a network.

Derived in unit 15_wavenet. Papers: T. Salimans et al., "PixelCNN++", ICLR 2017 (the same mass for a logistic density).
"""

import math

import torch
from torch import Tensor


def gaussian_class_bits(classes: Tensor, mean: Tensor, sigma: Tensor | float, edges: Tensor) -> Tensor:
    """-log2 of the mass of a Gaussian inside the class of each sample, in bits.

    Args:
        classes: (...,) int64 class of each sample.
        mean: (...,) prediction of the amplitude; sigma: its standard deviation, broadcasting, positive.
        edges: (classes - 1,) ascending; the first and the last class reach to infinity.

    Returns:
        (...,) float64. Stable far out in the tails, where both distribution functions are 0 or 1 in float64.

    Raises:
        ValueError: a σ that is not positive.

    >>> gaussian_class_bits(torch.tensor([0, 1]), torch.zeros(2), 1.0, torch.tensor([0.0]))
    tensor([1., 1.], dtype=torch.float64)
    """
    mean, sigma = mean.double(), torch.as_tensor(sigma, dtype=torch.float64)
    if not (sigma > 0).all():
        raise ValueError("the standard deviation must be positive")
    infinity = torch.tensor([math.inf], dtype=torch.float64)
    padded = torch.cat([-infinity, edges.double(), infinity])
    low, high = (padded[classes] - mean) / sigma, (padded[classes + 1] - mean) / sigma
    # In the upper tail both are near 1: by symmetry the mass is that of the mirrored interval in the lower tail.
    upper = low > 0
    low, high = torch.where(upper, -high, low), torch.where(upper, -low, high)
    top, bottom = torch.special.log_ndtr(high), torch.special.log_ndtr(low)
    return -(top + torch.log1p(-torch.exp(bottom - top))) / math.log(2)


def running_scale(residual: Tensor, *, half_life: float, floor: float) -> Tensor:
    """Standard deviation of the residual as known *before* each sample: a running mean of the squares of the past.

    Args:
        residual: (samples,) past prediction errors.
        half_life: samples after which a square counts half.
        floor: smallest value, also that of the first sample.

    Returns:
        (samples,) float64; entry n depends on residual[:n] only.
    """
    from course_lib.signal.all_pole_filter import all_pole

    keep = 0.5 ** (1 / half_life)
    squares = torch.nn.functional.pad(residual.double()[:-1].square(), (1, 0))
    running = all_pole((1 - keep) * squares, torch.tensor([-keep], dtype=torch.float64))
    return (running + floor**2).sqrt()
