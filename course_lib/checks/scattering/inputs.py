"""Random inputs for the checks of unit 07_scattering; `case` picks lengths, batches and dtypes in turn."""

import numpy as np
import torch

from course_lib.checks.scattering import oracle


def bank(rng: np.random.Generator, case: int) -> tuple[int, np.ndarray, np.ndarray]:
    """n, centres and widths: the first filter is wide and reaches over 1/2 or below 0."""
    n, count = int(rng.integers(40, 120)), (4, 1, 6)[case % 3]
    ratio = rng.uniform(1.3, 2.1)
    centres = rng.uniform(0.35, 0.5) / ratio ** np.arange(count)
    widths = np.minimum(centres * rng.uniform(0.3, 0.45), 0.16)  # wider ones would feel images two periods away
    if case % 4 == 3:
        widths = np.full(count, rng.uniform(0.1, 0.16))
    return n, centres.astype(np.float32).astype(np.float64), widths.astype(np.float32).astype(np.float64)


def signal_and_banks(
    rng: np.random.Generator, case: int
) -> tuple[torch.Tensor, np.ndarray, np.ndarray, np.ndarray, int]:
    """A real signal, a first and a second bank, a low-pass and a hop; n is a multiple of the hop, at times odd."""
    hop = int(rng.integers(3, 9))
    blocks = int(rng.integers(12, 20))
    if case % 3 == 1:  # an odd number of bins, where an inverse transform must be told its length
        hop, blocks = hop | 1, blocks | 1
    n = hop * blocks
    samples = min(n - hop, int(rng.integers(n // 2, n - hop)) // hop * hop + (0, hop - 1)[case % 2])
    centres = 0.4 / 1.5 ** np.arange((3, 1, 4)[case % 3])
    first = oracle.morlet_bank(n, centres, 0.25 * centres) * rng.uniform(0.5, 1.5, (len(centres), 1))
    lower = 0.3 / 2.0 ** np.arange((3, 4, 2)[case % 3])
    second = oracle.morlet_bank(n, lower, 0.4 * lower) * rng.uniform(0.5, 1.5, (len(lower), 1))
    low_pass = oracle.morlet_bank(n, np.zeros(1), np.array([0.15 / hop]), corrected=False)[0]
    batch = [(), (2,), (1,), (2, 3)][case % 4]
    x = torch.from_numpy(rng.standard_normal((*batch, samples)))
    if case % 3 == 2:
        x = x.float()
    if case % 4 == 1:
        x = x.T.contiguous().T
    return x, first, second, low_pass, hop


def measured(rng: np.random.Generator, case: int) -> tuple[np.ndarray, ...]:
    """Representations of several classes with their shifted and warped versions, and a pair of signals."""
    signals, features, samples = (8, 3, 12)[case % 3], int(rng.integers(2, 9)), int(rng.integers(20, 60))
    labels = np.arange(signals) % (3 if signals > 3 else 2)
    centre = rng.standard_normal((3, features))
    loudness = np.exp(rng.standard_normal((signals, 1)))
    phi = (centre[labels] + 0.8 * rng.standard_normal((signals, features))) * loudness
    sizes = rng.uniform(0.005, 0.05, signals)
    shifted = phi + 0.1 * loudness * rng.standard_normal(phi.shape)
    warped = phi + 3 * sizes[:, None] * loudness * rng.standard_normal(phi.shape)
    x = rng.standard_normal(samples)
    shift = (1, samples - 1, 0, int(rng.integers(1, samples)))[case % 4]
    sign = -1 if case % 5 == 4 else 1  # a flipped copy is no reconstruction: its best shift is another
    y = sign * np.roll(x, shift) * rng.uniform(0.7, 1.2) + 0.3 * rng.standard_normal(samples)
    return phi, shifted, warped, sizes, labels, x, y
