"""The cepstrum: the spectrum of the log spectrum. Slow ripples (the filter) and fast ones (the source) part there.

x = e * g (source through filter) gives log|X| = log|E| + log|G|: a sum. Its inverse DFT, the cepstrum, holds the filter
at low quefrencies and the pitch as a peak at the period. Derived in units 04_features and 05_source_filter.

Paper: B. Bogert, M. Healy, J. Tukey, "The quefrency alanysis of time series for echoes", 1963; A. Oppenheim,
"Superposition in a class of nonlinear systems", 1964.
"""

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind, to_tensor

FLOOR = 1e-10
"""Smallest magnitude, relative to the largest of the frame, whose logarithm is taken: -200 dB."""


@same_kind
def real_cepstrum(x: Tensor, n_fft: int | None = None) -> Tensor:
    """IDFT of log|DFT x|, along the last axis.

    Args:
        x: (..., samples) frames, windowed if need be.
        n_fft: DFT size, at least the number of samples; the default is the number of samples.

    Returns:
        (..., n_fft), even in quefrency: c[n] = c[n_fft - n]. Silence gives the cepstrum of the constant log(1e-10).
        Differentiable.

    Raises:
        ValueError: `n_fft` is smaller than the frame.
    """
    return torch.fft.ifft(_log_magnitude(x, n_fft)).real


@same_kind
def complex_cepstrum(x: Tensor, n_fft: int | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """IDFT of log|X| + i·(unwrapped phase of X): invertible, unlike the real cepstrum.

    Args:
        x: (..., samples) frames without a zero on the unit circle.
        n_fft: DFT size; choose it several times larger than the frame, so that the phase can be unwrapped.

    Returns:
        (cepstrum, delay, sign): (..., n_fft) real values; (...,) whole samples of delay and (...,) a sign of ±1, which
        were taken out because neither has a cepstrum. Inverted by `inverse_complex_cepstrum`.
    """
    n_fft = _size(x, n_fft)
    spectrum = torch.fft.fft(x, n_fft)
    sign = torch.where(spectrum[..., 0].real < 0, -1.0, 1.0).to(x.dtype)
    phase = _unwrap(torch.angle(spectrum * sign[..., None]))
    half = n_fft // 2
    delay = torch.round(-phase[..., half] * n_fft / (2 * torch.pi * max(half, 1)))
    straight = phase + delay[..., None] * _angular_frequency(x, n_fft)
    # The upper half of the circle mirrors the lower one; unwrapping past the middle may slip by a turn.
    straight[..., n_fft - (n_fft - 1) // 2 :] = -straight[..., 1 : (n_fft - 1) // 2 + 1].flip(-1)
    if n_fft % 2 == 0:
        straight[..., half] = 0.0
    return torch.fft.ifft(torch.complex(_log_magnitude(x, n_fft), straight)).real, delay, sign


@same_kind
def inverse_complex_cepstrum(cepstrum: Tensor, delay: Tensor, sign: Tensor) -> Tensor:
    """The frame behind what `complex_cepstrum` gave.

    Args:
        cepstrum: (..., n_fft).
        delay: (...,) samples of delay.
        sign: (...,) of ±1.

    Returns:
        (..., n_fft): the frame, with the zeros that padded it. Differentiable.
    """
    delay, sign = (to_tensor(value).to(cepstrum) for value in (delay, sign))
    turn = torch.exp(-1j * delay[..., None] * _angular_frequency(cepstrum, cepstrum.shape[-1]))
    return sign[..., None] * torch.fft.ifft(torch.exp(torch.fft.fft(cepstrum)) * turn).real


@same_kind
def lifter(cepstrum: Tensor, cutoff: int, *, keep: str = "low") -> Tensor:
    """Keep the quefrencies below `cutoff` (and their mirror images), or those from it on.

    Args:
        cepstrum: (..., n).
        cutoff: first quefrency, in samples, that counts as fast: below the shortest pitch period.
        keep: "low" for the filter, "high" for the source.

    Returns:
        (..., n).

    Raises:
        ValueError: a cutoff outside 1 ... n // 2, or an unknown `keep`.
    """
    n = cepstrum.shape[-1]
    if not 1 <= cutoff <= n // 2:
        raise ValueError(f"cutoff must lie between 1 and {n // 2} for {n} quefrencies, got {cutoff}")
    if keep not in ("low", "high"):
        raise ValueError(f"keep must be 'low' or 'high', got {keep!r}")
    quefrency = torch.arange(n, device=cepstrum.device)
    low = torch.minimum(quefrency, n - quefrency) < cutoff
    return cepstrum * (low if keep == "low" else ~low).to(cepstrum.dtype)


@same_kind
def cepstral_envelope(x: Tensor, cutoff: int, n_fft: int | None = None) -> Tensor:
    """The spectral envelope E = DFT(W · IDFT(log|DFT x|)), as natural log of magnitude.

    Returns:
        (..., n_fft // 2 + 1).
    """
    slow = lifter(real_cepstrum(x, n_fft), cutoff)
    return torch.fft.rfft(slow).real


def _log_magnitude(x: Tensor, n_fft: int | None) -> Tensor:
    magnitude = torch.fft.fft(x, _size(x, n_fft)).abs()
    loudest = magnitude.amax(-1, keepdim=True)
    return torch.log(torch.maximum(magnitude, FLOOR * torch.where(loudest > 0, loudest, 1.0)))


def _size(x: Tensor, n_fft: int | None) -> int:
    if n_fft is not None and n_fft < x.shape[-1]:
        raise ValueError(f"n_fft = {n_fft} would cut off a frame of {x.shape[-1]} samples")
    return n_fft or x.shape[-1]


def _angular_frequency(like: Tensor, n_fft: int) -> Tensor:
    return 2 * torch.pi * torch.arange(n_fft, device=like.device, dtype=like.dtype) / n_fft


def _unwrap(phase: Tensor) -> Tensor:
    """Add multiples of 2π so that neighbours differ by less than π."""
    jump = torch.diff(phase, dim=-1)
    turns = torch.cumsum(torch.round(jump / (2 * torch.pi)), -1)
    return torch.cat([phase[..., :1], phase[..., 1:] - 2 * torch.pi * turns], -1)
