"""What the checks of unit 07_scattering compare with: loops, sums over samples in time, numpy float64."""

import math

import numpy as np


def morlet_bank(
    n: int, centres: np.ndarray, widths: np.ndarray, *, images: tuple[int, ...] = (-2, -1, 0, 1, 2),
    square: float = 0.5, corrected: bool = True,
) -> np.ndarray:
    """(filters, n), one bin after the other; the options are for mistakes.

    Args:
        images: periods away from which a Gaussian is felt.
        square: the factor of ((f - c)/w)² in the exponent.
        corrected: subtract the Gaussian around 0.
    """
    def bump(f: float, centre: float, width: float) -> float:
        return sum(math.exp(-square * ((f - centre + k) / width) ** 2) for k in images)

    bank = np.zeros((len(centres), n))
    for row, (centre, width) in enumerate(zip(centres, widths, strict=True)):
        share = bump(0, centre, width) / bump(0, 0, width) if corrected else 0.0
        for k in range(n):
            bank[row, k] = bump(k / n, centre, width) - share * bump(k / n, 0, width)
    return bank


def littlewood_paley(wavelets: np.ndarray, low_pass: np.ndarray) -> np.ndarray:
    """Bin by bin: the energy that a real cosine of this frequency has after the bank, over its own energy."""
    n = wavelets.shape[-1]
    kept = np.zeros(n)
    for k in range(n):
        kept[k] = abs(low_pass[k]) ** 2
        for psi in wavelets:
            kept[k] += (abs(psi[k]) ** 2 + abs(psi[(n - k) % n]) ** 2) / 2
    return kept


def convolve(x: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Circular convolution with shifted impulse responses: (..., n) and (filters, n) → (..., filters, n)."""
    n = filters.shape[-1]
    k = np.arange(n)
    waves = np.exp(2j * np.pi * (np.outer(k, k) % n) / n) / n
    in_time = filters @ waves  # (filters, n)
    shifts = (k[:, None] - k) % n
    return np.einsum("ftm,...m->...ft", in_time[:, shifts], x)


def padded(x: np.ndarray, n: int) -> np.ndarray:
    """`x` and zeros, n samples together."""
    return np.concatenate([x.astype(np.float64), np.zeros((*x.shape[:-1], n - x.shape[-1]))], -1)


def average(u: np.ndarray, low_pass: np.ndarray, hop: int, samples: int) -> np.ndarray:
    """(..., n) → (..., frames): u * φ at 0, hop, 2·hop, ..."""
    return convolve(u, low_pass[None])[..., 0, :: hop][..., : samples // hop + 1]


def first_order(x: np.ndarray, wavelets: np.ndarray, low_pass: np.ndarray, hop: int) -> np.ndarray:
    """|x * ψ| * φ in time."""
    u = np.abs(convolve(padded(x, wavelets.shape[-1]), wavelets))
    return average(u, low_pass, hop, x.shape[-1]).real


def second_order(
    x: np.ndarray, first: np.ndarray, second: np.ndarray, low_pass: np.ndarray, paths: list[tuple[int, int]], hop: int
) -> np.ndarray:
    """||x * ψ1| * ψ2| * φ in time, path by path."""
    rows = []
    for one, two in paths:
        u = np.abs(convolve(padded(x, first.shape[-1]), first[one : one + 1]))[..., 0, :]
        u = np.abs(convolve(u, second[two : two + 1]))[..., 0, :]
        rows.append(average(u, low_pass, hop, x.shape[-1]).real)
    return np.stack(rows, -2)


def four_properties(
    phi: np.ndarray, shifted: np.ndarray, warped: np.ndarray, sizes: np.ndarray, labels: np.ndarray, x: np.ndarray,
    y: np.ndarray,
) -> dict[str, float]:
    """One signal after the other, one shift after the other."""
    ratios, moved, hits = [], [], []
    for i, row in enumerate(phi):
        size = math.sqrt(sum(row**2))
        ratios.append(math.sqrt(sum((warped[i] - row) ** 2)) / size / sizes[i])
        moved.append(math.sqrt(sum((shifted[i] - row) ** 2)) / size)
        others = {k: sum((other - row) ** 2) for k, other in enumerate(phi) if k != i}
        hits.append(labels[min(others, key=others.get)] == labels[i])
    errors = [np.linalg.norm(x - np.roll(y, s)) for s in range(len(x))]
    return {
        "stability": max(ratios), "invariance": float(np.mean(moved)), "discriminability": float(np.mean(hits)),
        "reconstruction": float(min(errors) / np.linalg.norm(x)),
    }
