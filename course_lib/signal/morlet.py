"""Morlet wavelets: analytic band-pass filters an equal ratio apart, and the low-pass that completes them.

ψ is a Gaussian around its centre minus so much of a Gaussian around 0 that its mean is zero; φ is a Gaussian whose
width the averaging scale 2^J decides. With the gains chosen so that the Littlewood-Paley sum

    A(ω) = |φ(ω)|² + ½ Σ_λ (|ψ_λ(ω)|² + |ψ_λ(-ω)|²)

stays in [1 - α, 1], the bank loses at most the part α of the energy of a real signal, and adds nothing.

Papers: J. Andén, S. Mallat, "Deep scattering spectrum", IEEE TSP 62, 2014; S. Mallat, "Group invariant scattering",
CPAM 65, 2012. Derived in unit 07_scattering.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind

LOW_PASS_WIDTH = 0.1
"""Standard deviation of φ times 2^J, in cycles per sample: five of them fit under the Nyquist rate of a hop of 2^J."""
SPACING = 1.5
"""Distance of two neighbours in standard deviations: their powers cross at exp(-(SPACING/2)²) = 0.57 of the peak."""


@dataclass(frozen=True)
class WaveletBank:
    """Filters in frequency, on the grid of an n-point DFT.

    Args:
        low_pass: (n,) φ, 1 at frequency 0.
        wavelets: (filters, n) ψ from the highest centre to the lowest; real: in time, ψ(-t) is the conjugate of ψ(t).
        centres, widths: centre and standard deviation of each ψ, in cycles per sample.
    """

    low_pass: Tensor
    wavelets: Tensor
    centres: tuple[float, ...]
    widths: tuple[float, ...]


@same_kind
def morlet(f: Tensor, centre: float, width: float) -> Tensor:
    """A Morlet wavelet in frequency: a Gaussian of height 1 at `centre`, and 0 at frequency 0 (before its gain).

    Args:
        f: any shape, in cycles per sample; the filter has period 1.
        centre, width: centre and standard deviation in cycles per sample.

    Returns:
        The shape and dtype of `f`, real.

    >>> morlet(torch.tensor([0.0, 0.25]), 0.25, 0.05)
    tensor([0., 1.])
    """
    zero = torch.zeros((), dtype=f.dtype, device=f.device)
    correction = gaussian(zero, centre, width) / gaussian(zero, 0.0, width)
    return gaussian(f, centre, width) - correction * gaussian(f, 0.0, width)


def gaussian(f: Tensor, centre: float, width: float) -> Tensor:
    """exp(-(f - centre)² / 2 width²) with its images one period (1 cycle per sample) away; shape of `f`.

    Exponents end at -80: beyond float32, and denormal numbers would be slow.
    """
    return sum(torch.exp(-((f - centre + k).square() / (2 * width**2)).clamp(max=80)) for k in (-1, 0, 1))


@same_kind
def littlewood_paley(wavelets: Tensor, low_pass: Tensor) -> Tensor:
    """A(ω), the part of the energy of a real signal that a bank keeps at each frequency.

    Args:
        wavelets: (..., filters, n) in frequency, real or complex; low_pass: (..., n).

    Returns:
        (..., n), real: |φ|² + ½ Σ (|ψ(ω)|² + |ψ(-ω)|²) on the grid of the DFT.
    """
    power = wavelets.abs().square().sum(-2)
    mirrored = power.flip(-1).roll(1, -1)
    return torch.as_tensor(low_pass).abs().square() + 0.5 * (power + mirrored)


@lru_cache(maxsize=32)
@torch.inference_mode(False)
def morlet_bank(n: int, J: int, Q: int) -> WaveletBank:
    """Wavelets at constant Q until they would be longer than φ, then equally spaced down to φ.

    Args:
        n: points of the DFT, at least 2^J.
        J: log2 of the averaging scale in samples. Q: wavelets per octave.

    Returns:
        float64 filters with A(ω) ≤ 1. Cached: do not write into it.

    Raises:
        ValueError: J or Q below 1, or n below 2^J.
    """
    if n < 2**J:
        raise ValueError(f"an averaging scale of 2^{J} = {2**J} samples needs at least as many points, got n = {n}")
    centres, widths, gains = bank_design(J, Q)
    f = torch.fft.fftfreq(n, dtype=torch.float64)
    wavelets = torch.stack([g * morlet(f, c, w) for c, w, g in zip(centres, widths, gains, strict=True)])
    return WaveletBank(gaussian(f, 0.0, LOW_PASS_WIDTH / 2**J), wavelets, centres, widths)


@lru_cache(maxsize=64)
@torch.inference_mode(False)
def bank_design(J: int, Q: int) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Centres, widths (cycles per sample) and gains of the wavelets, from the highest to the lowest.

    The gains are those that bring A(ω) closest to 1 in the least-squares sense, then scaled together so that A ≤ 1.

    Raises:
        ValueError: J or Q below 1.
    """
    if J < 1 or Q < 1:
        raise ValueError(f"need J >= 1 and Q >= 1, got J = {J}, Q = {Q}")
    centres, widths = _centres_and_widths(J, Q)
    narrowest = LOW_PASS_WIDTH / 2**J
    f = _grid(centres, widths, narrowest)
    power = torch.stack([
        (morlet(f, c, w).square() + morlet(-f, c, w).square()) / 2 for c, w in zip(centres, widths, strict=True)
    ])
    room = 1 - gaussian(f, 0.0, narrowest).square()
    squares = torch.linalg.solve(power @ power.T, power @ room).clamp(min=0)
    inside = room > 1e-6
    largest = (room[inside] / (squares @ power[:, inside])).min()
    gains = (0.999 * largest * squares).sqrt()  # the grid may miss a maximum by less than a thousandth
    return centres, widths, tuple(gains.tolist())


def _centres_and_widths(J: int, Q: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The highest centre is as far from 1/2 as its mirror image, the next wavelet above it, would be."""
    ratio, narrowest = 2.0 ** (1 / Q), LOW_PASS_WIDTH / 2**J
    relative = 2 * (ratio - 1) / (ratio + 1) / SPACING  # width over centre
    centres = [max(1 / (1 + ratio), 0.35)]
    while centres[-1] / ratio * relative >= narrowest * (1 - 1e-9):
        centres.append(centres[-1] / ratio)
    widths = [max(relative * c, narrowest) for c in centres]
    steps = max(2, round(centres[-1] / (SPACING * narrowest)))
    step = centres[-1] / steps
    lower = [centres[-1] - k * step for k in range(1, steps)]
    return tuple(centres + lower), tuple(widths + [step / SPACING] * len(lower))


def _grid(centres: tuple[float, ...], widths: tuple[float, ...], narrowest: float) -> Tensor:
    """Frequencies from 0 to 1/2, sixteen per standard deviation of the filter that is there."""
    steps = torch.arange(-20, 21, dtype=torch.float64) / 16
    around = [c + w * steps for c, w in zip(centres, widths, strict=True)]
    f = torch.cat([*around, narrowest * torch.arange(65, dtype=torch.float64) / 16, torch.tensor([0.5]).double()])
    return torch.unique(f[(f >= 0) & (f <= 0.5)])
