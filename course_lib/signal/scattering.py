"""The scattering transform of orders 0, 1 and 2: wavelet moduli, again and again, averaged over 2^J samples.

    S0 x = x * φ,   S1 x(λ1) = |x * ψ_λ1| * φ,   S2 x(λ1, λ2) = ||x * ψ_λ1| * ψ_λ2| * φ

All filters are non-expansive together (see `morlet`), and so is a modulus: 2^J ‖S x - S y‖² ≤ ‖x - y‖², where the norm
sums over rows and frames. The signal counts as zero outside.

Papers: S. Mallat, "Group invariant scattering", CPAM 65, 2012; J. Andén, S. Mallat, "Deep scattering spectrum",
IEEE TSP 62, 2014. Derived in unit 07_scattering.
"""

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind
from course_lib.signal.morlet import morlet_bank
from course_lib.signal.scattering_plan import Path, Windows, first_order, low_pass, scattering_paths, second_order

MARGIN = 8
"""Zeros after the signal, in units of 2^J: five standard deviations of φ, so that the end is not heard at the start."""


@same_kind
def scattering(x: Tensor, J: int, Q: int = 8, *, order: int = 2) -> Tensor:
    """Scattering coefficients, one row per path.

    Args:
        x: (..., samples), at least 2^J of them.
        J: log2 of the averaging scale, which is also the hop, in samples.
        Q: first-order wavelets per octave (the second order has one).
        order: 0, 1 or 2.

    Returns:
        (..., paths, samples // 2^J + 1), real; rows as in `scattering_paths(J, Q, order=order)`. Frame m is centred on
        sample m·2^J. Differentiable.

    Raises:
        ValueError: fewer samples than 2^J, J or Q below 1, an order that is not 0, 1 or 2, a complex signal.
    """
    n = _padded_length(x, J)
    paths = scattering_paths(J, Q, order=order)
    spectrum = torch.fft.fft(x, n, norm="forward")
    kind = (x.dtype, x.device)
    rows: dict[tuple[int, ...], Tensor] = {(): _average(spectrum, n, J)}
    for windows in first_order(n, J, Q, *kind) if order else ():
        modulus = _modulus(spectrum, windows)
        stride = n // modulus.shape[-1]
        envelopes = torch.fft.fft(modulus, norm="forward")
        averages = _average(envelopes, n, J)
        rows |= {(i,): averages[..., k, :] for k, i in enumerate(windows.rows)}
        for wavelet, chosen in _second_wavelets(paths, windows.rows).items():
            again = _modulus(envelopes[..., chosen, :], second_order(n, J, stride, wavelet, *kind))[..., 0, :]
            averages = _average(torch.fft.fft(again, norm="forward"), n, J)
            rows |= {(windows.rows[i], wavelet): averages[..., k, :] for k, i in enumerate(chosen)}
    frames = x.shape[-1] // 2**J + 1
    return torch.stack([rows[path.wavelets] for path in paths], -2)[..., :frames]


@same_kind
def wavelet_modulus(x: Tensor, J: int, Q: int = 8) -> Tensor:
    """|x * ψ_λ| before any averaging, the scalogram.

    Args:
        x, J, Q: as in `scattering`.

    Returns:
        (..., wavelets, samples), real, from the highest centre frequency to the lowest. Differentiable.

    Raises:
        ValueError: as in `scattering`.
    """
    n = _padded_length(x, J)
    wavelets = morlet_bank(n, J, Q).wavelets.to(x)
    return torch.fft.ifft(torch.fft.fft(x, n)[..., None, :] * wavelets)[..., : x.shape[-1]].abs()


@same_kind
def renormalise(S: Tensor, paths: tuple[Path, ...], *, eps: float = 1e-6) -> Tensor:
    """Second order divided by its first order: how much of band λ1 fluctuates at the rate λ2, whatever its level.

    Args:
        S: (..., paths, frames) of `scattering`.
        paths: of `scattering_paths` with the same arguments.
        eps: added to the first order, in units of the signal; also keeps silence at 0.

    Returns:
        The shape of `S`; orders 0 and 1 as they were. Differentiable.

    Raises:
        ValueError: `S` has another number of rows than there are paths.
    """
    if S.shape[-2] != len(paths):
        raise ValueError(f"{len(paths)} paths, but the scattering has {S.shape[-2]} rows")
    place = {path.wavelets: i for i, path in enumerate(paths)}
    parents = [place[path.wavelets[:1]] if path.order == 2 else -1 for path in paths]
    second = torch.tensor([p >= 0 for p in parents], device=S.device)[:, None]
    return torch.where(second, S / (S[..., parents, :] + eps), S)


@same_kind
def log_scattering(S: Tensor, *, eps: float = 1e-3) -> Tensor:
    """log(1 + |S| / eps): products (levels, envelopes) become sums; silence stays 0.

    Args:
        S: any shape; eps: level below which the logarithm becomes linear.

    Returns:
        The shape of `S`, not negative. Differentiable but where an order-0 coefficient is 0.
    """
    return torch.log1p(S.abs() / eps)


def _padded_length(x: Tensor, J: int) -> int:
    """Samples and zeros, a multiple of 2^J whose quotient has no prime factor above 5."""
    samples = x.shape[-1] if x.ndim else 0
    if x.is_complex():
        raise ValueError("scattering takes real signals")
    if J < 1 or samples < 2**J:
        raise ValueError(f"an averaging scale of 2^J = {2**J} samples needs J >= 1 and as many samples, got {samples}")
    blocks = -(-samples // 2**J) + MARGIN
    while not _is_smooth(blocks):
        blocks += 1
    return blocks * 2**J


def _is_smooth(n: int) -> bool:
    for prime in (2, 3, 5):
        while n % prime == 0:
            n //= prime
    return n == 1


def _modulus(spectrum: Tensor, windows: Windows) -> Tensor:
    """|x * ψ| at the rate of the windows: (..., filters, length) from (..., points)."""
    return torch.fft.ifft(spectrum[..., windows.bins] * windows.gains, norm="forward").abs()


def _average(spectrum: Tensor, n: int, J: int) -> Tensor:
    """Times φ, read every 2^J samples: (..., n / 2^J) from a full spectrum of a real signal."""
    phi = low_pass(n, J, spectrum.real.dtype, spectrum.device)
    return torch.fft.irfft(spectrum[..., : len(phi)] * phi, n // 2**J, norm="forward")


def _second_wavelets(paths: tuple[Path, ...], places: tuple[int, ...]) -> dict[int, list[int]]:
    """Second wavelet → which of the first-order rows in `places` it looks at."""
    at, chosen = {i: k for k, i in enumerate(places)}, {}
    for path in paths:
        if path.order == 2 and path.wavelets[0] in at:
            chosen.setdefault(path.wavelets[1], []).append(at[path.wavelets[0]])
    return chosen
