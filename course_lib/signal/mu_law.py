"""μ-law: a logarithmic scale for amplitudes, so that 256 classes are enough for a sound.

    f(x) = sign(x) · ln(1 + μ|x|) / ln(1 + μ),     μ = classes - 1,     class = floor((f(x) + 1)/2 · μ + 1/2).

256 classes need μ = 255: the classes count from 0 to μ. Small amplitudes get fine steps and large ones coarse steps.

Derived in unit 15_wavenet. Papers: B. Smith, "Instantaneous companding of quantized signals", Bell System Technical
Journal 36, 1957; A. van den Oord et al., "WaveNet: a generative model for raw audio", 2016.
"""

import math

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind


@same_kind
def mu_law_compress(x: Tensor, classes: int = 256) -> Tensor:
    """Amplitudes in [-1, 1] to the logarithmic scale f(x) in [-1, 1]; what lies beyond is clipped. Any shape."""
    mu = _mu(classes)
    x = x.clamp(-1.0, 1.0)
    return x.sign() * torch.log1p(mu * x.abs()) / math.log1p(mu)


@same_kind
def mu_law_expand(y: Tensor, classes: int = 256) -> Tensor:
    """The inverse of `mu_law_compress`: sign(y) ((1 + μ)^|y| - 1)/μ. Any shape."""
    mu = _mu(classes)
    return y.sign() * torch.expm1(y.abs() * math.log1p(mu)) / mu


@same_kind
def mu_law_encode(x: Tensor, classes: int = 256) -> Tensor:
    """Class of each sample, int64 from 0 to classes - 1.

    Args:
        x: amplitudes of any shape, free of NaN; beyond ±1 they are clipped (divide 16-bit integers by 32768 before).
        classes: number of classes, μ + 1.

    Raises:
        ValueError: fewer than two classes.

    >>> mu_law_encode(torch.tensor([-1.0, 0.0, 0.01, 1.0]))
    tensor([  0, 128, 157, 255])
    """
    mu = _mu(classes)
    return torch.floor((mu_law_compress(x, classes) + 1) / 2 * mu + 0.5).long()


@same_kind
def mu_law_decode(k: Tensor, classes: int = 256) -> Tensor:
    """Amplitude in the middle (on the logarithmic scale) of each class; float32 for integer input. Any shape."""
    return mu_law_expand(class_position(k, classes), classes)


def class_position(k: Tensor, classes: int = 256) -> Tensor:
    """Class 0 ... μ as a place on the logarithmic scale: 2k/μ - 1 in [-1, 1]. This is what a network gets to see."""
    return 2 * (k / _mu(classes)) - 1          # 2k wraps around in a byte


def mu_law_edges(classes: int = 256) -> Tensor:
    """(classes - 1,) amplitudes at which one class ends and the next begins, ascending, in float64."""
    places = torch.arange(_mu(classes), dtype=torch.float64) + 0.5
    return mu_law_expand(class_position(places, classes), classes)


def _mu(classes: int) -> int:
    if classes < 2:
        raise ValueError(f"μ-law needs at least two classes, got {classes}")
    return classes - 1
