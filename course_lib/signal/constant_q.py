"""The constant-Q transform: bins an equal ratio apart, each with a window as long as its own Q periods.

Brown and Puckette: a long windowed sinusoid is a narrow bump in frequency, so a bin is a product of a few values of the
spectrum with a few values of the bump. Here the spectrum is that of the whole signal, taken once. The bump of a Hann
window is known in closed form, and reading the product every `hop` samples means folding it before a short inverse DFT:

    C[k, m] = sum_f X[f] W_k[f] exp(2πi f m hop / N),    W_k(u) = sinc(u) / (1 - u²),   u = (f - f_k) L_k / sr.

Derived in unit 03_cqt. Papers: J. C. Brown, JASA 89, 1991; J. C. Brown, M. Puckette, JASA 92, 1992; the harmonic
stack: R. Bittner et al., "Deep salience representations for f0 estimation", ISMIR 2017.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind

LOBES = 12.0
"""Half width of a bump in units of sr/L: beyond it a Hann window has fallen below 2·10⁻⁴ of its peak."""


def cqt_frequencies(n_bins: int, *, f_min: float = 32.703, bins_per_octave: int = 12) -> Tensor:
    """Centre frequencies f_min·2^(k/bins_per_octave) in Hz: (n_bins,), float64. C1 is 32.703 Hz.

    >>> cqt_frequencies(3, f_min=110.0, bins_per_octave=1).tolist()
    [110.0, 220.0, 440.0]
    """
    return f_min * 2.0 ** (torch.arange(n_bins, dtype=torch.float64) / bins_per_octave)


def cqt_lengths(frequencies: Tensor, sr: float, *, bins_per_octave: int = 12, cw: float = 1.0) -> Tensor:
    """Window lengths L_k = Q·cw·sr/f_k in samples (not rounded), with Q = 1/(2^(1/bins_per_octave) - 1).

    `cw` is the distance of two neighbouring bins in units of sr/L. With 1, the choice of Brown and of librosa, a Hann
    window passes the neighbour at -6 dB. With 2, its own width at -6 dB, it passes nothing there: two neighbours part.
    """
    return quality(bins_per_octave) * cw * sr / frequencies


def quality(bins_per_octave: int) -> float:
    """Q, centre frequency over the distance to the next bin.

    >>> round(quality(12), 2)
    16.82
    """
    return 1.0 / (2.0 ** (1.0 / bins_per_octave) - 1.0)


@same_kind
def cqt(
    x: Tensor, sr: float, *, hop: int = 512, f_min: float = 32.703, n_bins: int = 84, bins_per_octave: int = 12,
    cw: float = 1.0,
) -> Tensor:
    """Constant-Q transform with Hann windows.

    Args:
        x: (..., samples).
        sr: sampling rate in Hz.
        hop: samples between frames.
        f_min: lowest centre frequency in Hz (C1).
        n_bins: bins; bins_per_octave: bins per doubling of frequency.
        cw: windows last cw·Q periods, see `cqt_lengths`.

    Returns:
        (..., n_bins, samples // hop + 1), complex; frame m is centred on sample m·hop, the signal counts as zero
        outside. Windows sum to 1: a sinusoid of amplitude A at f_k gives |C| = A/2. Differentiable.

    Raises:
        ValueError: no samples, or the highest bin reaches beyond sr/2.

    `librosa.cqt` multiplies bin k by sqrt(L_k) (`scale=True`), and its windows are 3 % longer: it measures the distance
    of the bins to both sides.
    """
    frequencies = cqt_frequencies(n_bins, f_min=f_min, bins_per_octave=bins_per_octave)
    return _at(x, sr, tuple(frequencies.tolist()), cw * quality(bins_per_octave), hop)


@same_kind
def hcqt(
    x: Tensor, sr: float, *, harmonics: Sequence[float] = (0.5, 1, 2, 3, 4, 5), hop: int = 512, f_min: float = 32.703,
    n_bins: int = 60, bins_per_octave: int = 12, cw: float = 1.0,
) -> Tensor:
    """Harmonic constant-Q transform: a stack of CQTs in which h·f stands above f.

    Args:
        x, sr, hop, n_bins, bins_per_octave, cw: as in `cqt`.
        harmonics: multiples h; layer h begins at h·f_min.
        f_min: lowest centre frequency of the layer h = 1, in Hz.

    Returns:
        (..., harmonics, n_bins, frames), complex. All layers share one spectrum of the signal, so frames agree and a
        layer costs little. Differentiable.

    Raises:
        ValueError: as in `cqt`, or no harmonics.
    """
    if not harmonics:
        raise ValueError("need at least one harmonic")
    base = cqt_frequencies(n_bins, f_min=f_min, bins_per_octave=bins_per_octave)
    layers = torch.tensor(list(harmonics), dtype=torch.float64)[:, None] * base
    distinct, place = torch.unique(layers, return_inverse=True)
    wide = _at(x, sr, tuple(distinct.tolist()), cw * quality(bins_per_octave), hop)
    return wide[..., place.to(x.device), :]


def _at(x: Tensor, sr: float, frequencies: tuple[float, ...], q: float, hop: int) -> Tensor:
    samples = x.shape[-1]
    if samples == 0 or hop < 1:
        raise ValueError(f"need samples and a hop of at least 1, got {samples} samples and hop {hop}")
    if max(frequencies) * (1 + 1 / q) > sr / 2 or min(frequencies) <= 0:
        band = f"{min(frequencies):.1f} to {max(frequencies):.1f} Hz"
        raise ValueError(f"bins from {band} do not fit between 0 and sr/2 = {sr / 2:g} Hz")
    frames = samples // hop + 1
    slots = _slots(frames + math.ceil(q * sr / min(frequencies) / 2 / hop))
    spectrum = torch.fft.rfft(x, slots * hop)
    spectrum = torch.nn.functional.pad(spectrum, (0, slots))
    folded = [
        (spectrum[..., first : first + bump.numel()].unflatten(-1, bump.shape) * bump.to(x)).sum(-2)
        for first, bump in _bumps(slots, hop, sr, frequencies, q)
    ]
    return torch.fft.ifft(torch.stack(folded, -2))[..., :frames] / hop


@lru_cache(maxsize=16)
@torch.inference_mode(False)
def _bumps(
    slots: int, hop: int, sr: float, frequencies: tuple[float, ...], q: float
) -> tuple[tuple[int, Tensor], ...]:
    """Per bin: where its bump begins in the spectrum, a multiple of `slots`, and its values as (turns, slots).

    Reading a band-limited product every `hop` samples folds its spectrum: the sum over the turns.
    """
    size, bumps = slots * hop, []
    for centre in frequencies:
        width = centre / q  # sr / L_k: one unit of u, in Hz
        low = max(0, math.ceil((centre - LOBES * width) * size / sr))
        high = min(size // 2, math.floor((centre + LOBES * width) * size / sr))
        first = low // slots * slots
        turns = -(-(high + 1 - first) // slots)
        f = torch.arange(first, first + turns * slots)
        bump = _hann_bump((f * (sr / size) - centre) / width)
        bump[(f < low) | (f > high)] = 0
        bumps.append((first, bump.reshape(turns, slots).float()))
    return tuple(bumps)


def _hann_bump(u: Tensor) -> Tensor:
    """Fourier transform of a Hann window of area 1, at u = f·L/sr; 1 at 0, 1/2 at ±1, then zeros at the integers."""
    u = u.double()
    pole = (u.abs() - 1).abs() < 1e-6
    return torch.where(pole, 0.5, torch.sinc(u) / torch.where(pole, 1.0, 1 - u**2))


def _slots(least: int) -> int:
    """The next length with no prime factor above 5: short DFTs are fast there."""
    while True:
        rest = least
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return least
        least += 1
