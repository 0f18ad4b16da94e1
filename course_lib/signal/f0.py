"""Fundamental frequency of one voice: YIN, and the harmonic product spectrum as a baseline.

YIN asks by how much a frame differs from itself τ samples later. A period makes the difference small; dividing by its
running mean removes the trivial minimum at τ = 0 and makes one threshold fit all levels.

Derived in unit 06_sinusoidal. Papers: A. de Cheveigné, H. Kawahara, "YIN, a fundamental frequency estimator for speech
and music", JASA 111, 2002; A. M. Noll, "Pitch determination of human speech by the harmonic product spectrum", 1969.
"""

import math

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind
from course_lib.signal.framing import frame
from course_lib.signal.short_time import stft


@same_kind
def yin(
    x: Tensor, sr: float, *, f_min: float = 60.0, f_max: float = 1000.0, hop: int = 256, length: int | None = None,
    threshold: float = 0.15,
) -> tuple[Tensor, Tensor]:
    """Fundamental frequency and aperiodicity per frame.

    Args:
        x: (..., samples).
        sr: sampling rate in Hz.
        f_min, f_max: range in Hz.
        hop: samples between frames; frame m is centred on sample m·hop.
        length: samples that are compared with their shifted selves, two periods of f_min by default.
        threshold: the first dip below it is the period; where there is none, the deepest dip.

    Returns:
        (f0, aperiodicity), each (..., samples // hop + 1): f0 in Hz, refined by a parabola; aperiodicity near 0 for a
        periodic frame and near 1 for noise. Silence has f0 = 0 and aperiodicity 1.

    Raises:
        ValueError: frequencies out of order or beyond sr/4, or no samples.
    """
    if not 0 < f_min < f_max <= sr / 4 or x.shape[-1] == 0:
        raise ValueError(f"need samples and 0 < f_min < f_max <= sr/4 = {sr / 4:g}, got {f_min:g} and {f_max:g}")
    first, last = math.floor(sr / f_max), math.ceil(sr / f_min) + 1
    length = length or 2 * last
    frames = _centred(x.double(), length + last, hop)
    difference = _difference(frames, length, last)
    normalised, silent = _cumulative_mean_normalised(difference)
    lag = _first_dip(normalised, first, threshold)
    shift = _parabola(difference, lag)  # dividing by the running mean tilts the dip: the raw curve is unbiased
    depth = normalised.gather(-1, lag[..., None])[..., 0]
    f0 = torch.where(silent, 0.0, sr / (lag + shift))
    return f0.to(x.dtype), torch.where(silent, 1.0, depth.clamp(0.0, 1.0)).to(x.dtype)


@same_kind
def harmonic_product(
    x: Tensor, sr: float, *, f_min: float = 60.0, f_max: float = 1000.0, hop: int = 256, n_fft: int = 4096,
    harmonics: int = 5,
) -> Tensor:
    """The frequency at which the product of the spectrum with itself, compressed 2, 3, ... times, is largest.

    Args:
        x, sr, f_min, f_max, hop: as in `yin`.
        n_fft: DFT size and window length.
        harmonics: factors of the product.

    Returns:
        (..., samples // hop + 1) in Hz, on the grid sr/n_fft. Silence gives the lowest frequency of the range.

    Raises:
        ValueError: the highest harmonic of f_max lies beyond sr/2.
    """
    if harmonics * f_max > sr / 2:
        raise ValueError(f"harmonic {harmonics} of {f_max:g} Hz lies beyond sr/2 = {sr / 2:g} Hz: lower one of them")
    log_magnitude = torch.log(stft(x, n_fft, hop).abs() + 1e-8)
    low, high = math.ceil(f_min * n_fft / sr), math.floor(f_max * n_fft / sr)
    candidates = torch.arange(low, high + 1, device=x.device)
    product = sum(log_magnitude[..., candidates * h, :] for h in range(1, harmonics + 1))
    return candidates[product.argmax(-2)].to(x.dtype) * (sr / n_fft)


def _centred(x: Tensor, length: int, hop: int) -> Tensor:
    """(..., frames, length), frame m in the middle over sample m·hop; zeros outside."""
    frames = x.shape[-1] // hop + 1
    padded = torch.nn.functional.pad(x, (length // 2, length))
    return frame(padded[..., : (frames - 1) * hop + length], length, hop)


def _difference(frames: Tensor, length: int, last: int) -> Tensor:
    """d[τ] = sum over the first `length` samples of (x[n] - x[n+τ])², τ = 0 ... last, by one FFT."""
    head = frames[..., :length]
    size = 2 ** math.ceil(math.log2(frames.shape[-1] + length))
    product = torch.fft.irfft(torch.fft.rfft(head, size).conj() * torch.fft.rfft(frames, size), size)[..., : last + 1]
    energy = torch.nn.functional.pad(frames.square().cumsum(-1), (1, 0))
    shifted = energy[..., length : length + last + 1] - energy[..., : last + 1]
    return (shifted[..., :1] + shifted - 2 * product).clamp(min=0.0)


def _cumulative_mean_normalised(difference: Tensor) -> tuple[Tensor, Tensor]:
    """d'[τ] = d[τ]·τ / sum_{j<=τ} d[j], with d'[0] = 1; and whether a frame never differs from itself."""
    total = difference[..., 1:].cumsum(-1)
    lag = torch.arange(1, difference.shape[-1], device=difference.device)
    silent = total[..., -1] <= 1e-12
    normalised = difference[..., 1:] * lag / torch.where(total > 0, total, 1.0)
    return torch.nn.functional.pad(normalised, (1, 0), value=1.0), silent


def _first_dip(normalised: Tensor, first: int, threshold: float) -> Tensor:
    """The first local minimum below the threshold from lag `first` on, else the deepest value."""
    inner = normalised[..., first:-1]
    dip = (inner <= normalised[..., first - 1 : -2]) & (inner < normalised[..., first + 1 :]) & (inner < threshold)
    return first + torch.where(dip.any(-1), dip.int().argmax(-1), inner.argmin(-1))


def _parabola(curve: Tensor, lag: Tensor) -> Tensor:
    """Offset of the lowest point of the parabola through the three values around `lag`."""
    left, middle, right = (curve.gather(-1, (lag + k)[..., None])[..., 0] for k in (-1, 0, 1))
    curvature = left - 2 * middle + right
    flat = curvature <= 0
    return torch.where(flat, 0.0, (left - right) / (2 * torch.where(flat, 1.0, curvature))).clamp(-1.0, 1.0)
