"""Additive synthesis: sinusoids whose amplitude and frequency move, phase by integration of frequency.

    x[n] = sum_h A_h[n] cos(φ_h[n]),   φ_h[n] = φ_h[0] + 2π/sr · sum_{i<=n} f_h[i].

The phase is summed in float64 and wrapped: in float32 a minute of audio would be off by a tenth of a radian at harmonic
100. Partials above sr/2 are silenced, for they would fold back. Derived in unit 06_sinusoidal.

Paper: X. Serra, J. O. Smith, "Spectral modeling synthesis", Computer Music Journal, 1990.
"""

import math

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind, to_tensor

CHUNK = 1 << 22
"""Values of the (partials, samples) table that are held at once."""


@same_kind
def integrate_phase(frequency: Tensor, sr: float) -> Tensor:
    """Phase 2π/sr · sum_{i<=n} f[i] in radians, wrapped to [-π, π), in the dtype of `frequency`.

    Args:
        frequency: (..., samples) in Hz. Differentiable.
    """
    turns = torch.cumsum(frequency.double() / sr, -1)
    return (2 * math.pi * (turns - torch.floor(turns + 0.5))).to(frequency.dtype)


@same_kind
def interpolate_frames(values: Tensor, hop: int, samples: int) -> Tensor:
    """Straight lines between the values of frames that stand `hop` samples apart; held after the last one.

    Args:
        values: (..., frames); frame m stands at sample m·hop.
        hop: samples between frames. samples: length of the result.

    Returns:
        (..., samples). Differentiable.

    >>> interpolate_frames(torch.tensor([0.0, 2.0]), 2, 4)
    tensor([0., 1., 2., 2.])
    """
    n = torch.arange(samples, device=values.device)
    left = (n // hop).clamp(max=values.shape[-1] - 1)
    right = (left + 1).clamp(max=values.shape[-1] - 1)
    weight = (n % hop).to(values.dtype) / hop  # not n / hop: its fraction loses digits as n grows
    return torch.lerp(values[..., left], values[..., right], weight)


@same_kind
def cubic_phase(phase: Tensor, frequency: Tensor, sr: float, hop: int) -> Tensor:
    """Phase between frames as the smoothest cubic that has the measured phase and frequency at both ends.

    Integration forgets the measured phases, so its sum drifts off the recording. The cubic passes through them; of all
    multiples of 2π by which the end may differ, it takes the one that bends the phase least.

    Args:
        phase: (..., frames) in radians, known up to multiples of 2π; frame m stands at sample m·hop.
        frequency: (..., frames) in Hz.
        sr: sampling rate in Hz. hop: samples between frames.

    Returns:
        (..., (frames - 1)·hop + 1) in radians, continuous within each hop, in the dtype of `phase`. Differentiable.

    Raises:
        ValueError: the shapes differ.

    Paper: R. McAulay, T. Quatieri, IEEE TASSP 34, 1986, eq. 34 to 37.
    """
    frequency = to_tensor(frequency).to(phase)
    if frequency.shape != phase.shape:
        raise ValueError(f"phase {tuple(phase.shape)} and frequency {tuple(frequency.shape)} differ in shape")
    step = 2 * math.pi * hop / sr * frequency  # radians per hop
    begin, slope, end, last = phase[..., :-1, None], step[..., :-1, None], phase[..., 1:, None], step[..., 1:, None]
    turns = torch.round((begin + slope - end + (last - slope) / 2) / (2 * math.pi))
    missing, bend = end + 2 * math.pi * turns - begin - slope, last - slope
    t = torch.arange(hop, device=phase.device, dtype=phase.dtype) / hop
    inner = begin + slope * t + (3 * missing - bend) * t**2 + (bend - 2 * missing) * t**3
    return torch.cat([inner.flatten(-2), phase[..., -1:]], -1)


@same_kind
def additive(frequency: Tensor, amplitude: Tensor, sr: float, *, phase: Tensor | None = None) -> Tensor:
    """Sum of partials with their own frequency and amplitude tracks.

    Args:
        frequency: (..., partials, samples) in Hz.
        amplitude: the same shape; what lies above sr/2 is silenced.
        sr: sampling rate in Hz.
        phase: (..., partials) phase in radians at sample 0, zero by default.

    Returns:
        (..., samples). Differentiable in all three.

    Raises:
        ValueError: the shapes differ.
    """
    amplitude = to_tensor(amplitude).to(frequency)
    if amplitude.shape != frequency.shape:
        raise ValueError(f"amplitude {tuple(amplitude.shape)} and frequency {tuple(frequency.shape)} differ in shape")
    angle = integrate_phase(frequency, sr) - 2 * math.pi * frequency[..., :1] / sr
    if phase is not None:
        angle = angle + to_tensor(phase).to(frequency)[..., None]
    return (amplitude * (frequency < sr / 2) * torch.cos(angle)).sum(-2)


@same_kind
def harmonic_synthesis(f0: Tensor, amplitude: Tensor, sr: float, *, hop: int | None = None) -> Tensor:
    """Harmonics h·f0 with amplitudes that move, as sines from phase 0.

    All harmonics turn h times the phase of the first, so one phase is integrated; the sines follow from it.

    Args:
        f0: (..., frames) in Hz, or (..., samples) without `hop`.
        amplitude: (..., harmonics, frames), frames as in `f0`; harmonics above sr/2 are silenced.
        sr: sampling rate in Hz.
        hop: samples between frames; None: `f0` and `amplitude` are given per sample.

    Returns:
        (..., samples): frames·hop of them with a hop. Differentiable.

    Raises:
        ValueError: frames of `f0` and `amplitude` differ.
    """
    amplitude = to_tensor(amplitude).to(f0)
    if amplitude.shape[-1] != f0.shape[-1] or amplitude.ndim != f0.ndim + 1:
        raise ValueError(f"f0 {tuple(f0.shape)} needs amplitudes (..., harmonics, {f0.shape[-1]}), got "
                         f"{tuple(amplitude.shape)}")
    samples = f0.shape[-1] * (hop or 1)
    track = f0 if hop is None else interpolate_frames(f0, hop, samples)
    turns = torch.cumsum(track.double() / sr, -1)
    turns = turns - torch.floor(turns)
    harmonics = amplitude.shape[-2]
    at_once = max(1, CHUNK // max(1, math.prod(track.shape)))
    out = torch.zeros_like(track)
    for first in range(1, harmonics + 1, at_once):
        h = torch.arange(first, min(first + at_once, harmonics + 1), device=f0.device)[:, None]
        gain = amplitude[..., first - 1 : first - 1 + len(h), :]
        gain = gain if hop is None else interpolate_frames(gain, hop, samples)
        angle = (h * turns[..., None, :]).frac().to(f0.dtype) * (2 * math.pi)
        out = out + (gain * (h * track[..., None, :] < sr / 2) * torch.sin(angle)).sum(-2)
    return out
