"""Where the energy of each filter lies: short windows of the spectrum in place of whole convolutions.

A wavelet is a narrow bump in frequency. Of x * ψ only the bins under the bump are kept and moved to 0, and a short
inverse DFT reads it at a lower rate: the modulus does not see the move. The rate is high enough for |x * ψ|² as well.

Paths: |x * ψ_λ1| varies no faster than ψ_λ1 is wide, so a second wavelet with a centre far above that width sees
nothing. With one wavelet per octave this keeps j2 >= j1 (most texts keep j2 > j1, which drops a little more).

Filters are cached for each length, type and device.

Paper: J. Andén, S. Mallat, "Deep scattering spectrum", IEEE TSP 62, 2014, section III. Derived in unit 07_scattering.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from course_lib.signal.morlet import LOW_PASS_WIDTH, bank_design, gaussian, morlet

SECOND_Q = 1
"""Wavelets per octave of the second order."""
REACH = 5.0
"""Standard deviations around its centre outside of which a filter counts as zero (e^-12.5 = 4e-6)."""
RATE = 12.0
"""A modulus |x * ψ| is read at least at this multiple of the width of ψ: it then folds less than a thousandth."""
ENVELOPE = 3.0
"""Second-order paths are kept up to this centre, in widths of the first wavelet."""


@dataclass(frozen=True)
class Path:
    """One row of a scattering transform.

    Args:
        order: 0, 1 or 2.
        wavelets: places of λ1 and λ2 in the banks of order 1 and 2; () for order 0.
        frequencies: their centres in cycles per sample; times sr it is Hz.
    """

    order: int
    wavelets: tuple[int, ...] = ()
    frequencies: tuple[float, ...] = ()


@lru_cache(maxsize=64)
def scattering_paths(J: int, Q: int = 8, *, order: int = 2) -> tuple[Path, ...]:
    """The rows of `scattering` with the same arguments: order 0, then 1, then 2; λ1 and λ2 from high to low.

    Raises:
        ValueError: J or Q below 1, or an order that is not 0, 1 or 2.

    >>> [path.wavelets for path in scattering_paths(3, 8)][-2:]
    [(19, 4), (20, 4)]
    """
    if order not in (0, 1, 2):
        raise ValueError(f"order is 0, 1 or 2, got {order}")
    centres, widths, _ = bank_design(J, Q)
    paths = [Path(0)]
    if order >= 1:
        paths += [Path(1, (i,), (c,)) for i, c in enumerate(centres)]
    if order == 2:
        second = bank_design(J, SECOND_Q)[0]
        paths += [
            Path(2, (i, k), (c, high)) for i, (c, w) in enumerate(zip(centres, widths, strict=True))
            for k, high in enumerate(second) if high <= ENVELOPE * w
        ]
    return tuple(paths)


@dataclass(frozen=True)
class Windows:
    """Filters that are read at the same rate.

    Args:
        rows: places in the bank.
        bins: (filters, length) bins of the spectrum, the centre first.
        gains: (filters, length) the filters there.
    """

    rows: tuple[int, ...]
    bins: Tensor
    gains: Tensor

    def to(self, dtype: torch.dtype, device: torch.device) -> "Windows":
        """The gains as `dtype`, everything on `device`."""
        return Windows(self.rows, self.bins.to(device), self.gains.to(device, dtype))


def stride_of(width: float, J: int) -> int:
    """The largest power of two, at most 2^J, at which |x * ψ| may be read."""
    stride = 1
    while stride < 2**J and RATE * (2 * stride) * width <= 1:
        stride *= 2
    return stride


@lru_cache(maxsize=64)
@torch.inference_mode(False)
def first_order(n: int, J: int, Q: int, dtype: torch.dtype, device: torch.device) -> tuple[Windows, ...]:
    """Windows of the first-order wavelets in an n-point spectrum, high rates first."""
    design = list(zip(*bank_design(J, Q), strict=True))
    by_stride: dict[int, list[int]] = {}
    for i, (_, width, _) in enumerate(design):
        by_stride.setdefault(stride_of(width, J), []).append(i)
    return tuple(_windows(n, 1, stride, rows, design).to(dtype, device) for stride, rows in by_stride.items())


@lru_cache(maxsize=256)
@torch.inference_mode(False)
def second_order(
    n: int, J: int, stride: int, wavelet: int, dtype: torch.dtype, device: torch.device
) -> Windows:
    """Window of one second-order wavelet in the spectrum of moduli that are read every `stride` samples."""
    design = list(zip(*bank_design(J, SECOND_Q), strict=True))
    after = max(stride, stride_of(design[wavelet][1], J))
    return _windows(n, stride, after, [wavelet], design).to(dtype, device)


@lru_cache(maxsize=64)
@torch.inference_mode(False)
def low_pass(n: int, J: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """φ at the bins 0 ... n / 2^J / 2 of an n-point spectrum: what is left at the rate of the output."""
    bins = torch.arange(n // 2**J // 2 + 1, dtype=torch.float64)
    return gaussian(bins / n, 0.0, LOW_PASS_WIDTH / 2**J).to(device, dtype)


def _windows(n: int, before: int, after: int, rows: list[int], design: list[tuple[float, float, float]]) -> Windows:
    """n: points at the rate of the signal; before, after: strides of the given spectrum and of the result."""
    points, length = n // before, n // after
    offsets = torch.fft.fftfreq(length, 1 / length).round().long()
    bins, gains = [], []
    for centre, width, gain in (design[i] for i in rows):
        at = round(centre * n) + offsets
        f = at.double() / n
        inside = (f - centre).abs() <= (REACH if length < points else torch.inf) * width
        bins.append(at % points)
        gains.append(gain * morlet(f, centre, width) * inside)
    return Windows(tuple(rows), torch.stack(bins), torch.stack(gains))
