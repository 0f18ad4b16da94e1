"""Checks of unit 07_scattering: Morlet bank, Littlewood-Paley sum, scattering of order 1 and 2, the four properties.

Conventions: frequencies in cycles per sample; filters as values at the n bins of the DFT, frequency 0 first; signals
are followed by zeros up to n samples; frame m is read at sample m·hop, there are samples // hop + 1.
"""

from functools import partial

import numpy as np
import torch

from course_lib.checks.core import CheckFailed, expect, expect_close, passed, subject, visible_rng
from course_lib.checks.core.values import as_array
from course_lib.checks.scattering import mistakes, oracle

PROPERTIES = ("stability", "invariance", "discriminability", "reconstruction")


def morlet_bank(answer, *, rng=None, cases: int = 12) -> None:
    """Morlet wavelets on the grid of the DFT. (exercise 7.1)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        n, centres, widths = _bank(rng, case)
        dtype = torch.float32 if case % 3 == 2 else torch.float64
        expect_close(
            f.call(n, torch.from_numpy(centres).to(dtype), torch.from_numpy(widths).to(dtype)),
            oracle.morlet_bank(n, centres, widths), "the bank", rtol=2e-6, atol=0,
            mistakes=partial(mistakes.morlet_bank, n, centres, widths),
            context=f"for n={n}, centres {np.round(centres[:3], 3)}…, widths {np.round(widths[:3], 3)}…",
        )
    passed("morlet_bank", f"{cases} banks: one filter and several, even and odd n, wide and narrow")


def littlewood_paley(answer, *, rng=None, cases: int = 12) -> None:
    """The energy that a bank keeps at each frequency. (exercise 7.2)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        n, centres, widths = _bank(rng, case)
        wavelets = oracle.morlet_bank(n, centres, widths) * rng.uniform(0.3, 1.5, (len(centres), 1))
        low_pass = oracle.morlet_bank(n, np.zeros(1), widths[-1:], corrected=False)[0] * rng.uniform(0.5, 1)
        if case % 2:  # filters that are not centred in time have a phase
            wavelets = wavelets * np.exp(2j * np.pi * rng.random((len(centres), 1)))
        given = torch.from_numpy(wavelets)
        if case % 3 == 1:
            given = given.T.contiguous().T
        expect_close(
            f.call(given, torch.from_numpy(low_pass)), oracle.littlewood_paley(wavelets, low_pass), "A(ω)", rtol=1e-6,
            atol=0, mistakes=partial(mistakes.littlewood_paley, wavelets, low_pass),
            context=f"for {len(centres)} filters on n={n} bins",
        )
    passed("littlewood_paley", f"{cases} banks: real and complex filters, even and odd n")


def first_order(answer, *, rng=None, cases: int = 12) -> None:
    """|x * ψ| * φ, against sums in time. (exercise 7.3)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        x, wavelets, _, low_pass, hop = _signal_and_banks(rng, case)
        expect_close(
            f.call(x, _as(wavelets, x), _as(low_pass, x), hop), oracle.first_order(x.numpy(), wavelets, low_pass, hop),
            "S1", rtol=1e-5, atol=1e-7,
            mistakes=partial(mistakes.first_order, x.numpy(), wavelets, low_pass, hop),
            context=f"for x of shape {tuple(x.shape)}, {len(wavelets)} filters on n={len(low_pass)} bins, hop={hop}",
        )
    _expect_gradient(f, rng)
    silent = as_array(f.call(torch.zeros(1, 21), torch.ones(2, 63), torch.ones(63), 7), "S1 of silence")
    expect_close(silent, np.zeros((1, 2, 4)), "S1 of silence")
    passed("first_order", f"{cases} signals (odd lengths, batches) against sums in time, silence, the gradient")


def second_order(answer, *, rng=None, cases: int = 10) -> None:
    """||x * ψ1| * ψ2| * φ on given paths, against sums in time. (exercise 7.4)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        x, first, second, low_pass, hop = _signal_and_banks(rng, case)
        pairs = [(a, b) for a in range(len(first)) for b in range(len(second))]
        count = int(rng.integers(1, len(pairs)))
        paths = [pairs[i] for i in rng.permutation(len(pairs))[:count]] if case % 4 else pairs[: len(pairs) - 1]
        expect_close(
            f.call(x, _as(first, x), _as(second, x), _as(low_pass, x), paths, hop),
            oracle.second_order(x.numpy(), first, second, low_pass, paths, hop), "S2", rtol=2e-5, atol=1e-7,
            mistakes=partial(mistakes.second_order, x.numpy(), first, second, low_pass, paths, hop),
            context=f"for x of shape {tuple(x.shape)}, paths {paths[:3]}…, n={len(low_pass)}, hop={hop}",
        )
    passed("second_order", f"{cases} signals and lists of paths in any order, against sums in time")


def four_properties(answer, *, rng=None, cases: int = 10) -> None:
    """Stability, invariance, discriminability, reconstruction as numbers. (exercise 7.6)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        given = _measured(rng, case)
        got = f.call(*map(torch.from_numpy, given))
        expect(isinstance(got, dict), "return a dict with the four names as keys.")
        missing = [name for name in PROPERTIES if name not in got]
        expect(not missing, f"the dict lacks {', '.join(map(repr, missing))}; it has {sorted(map(str, got))}.")
        want = oracle.four_properties(*given)
        for name in PROPERTIES:
            expect_close(
                got[name], want[name], f"the {name}", rtol=1e-5, atol=1e-6,
                mistakes=lambda name=name, given=given: mistakes.four_properties(*given)[name],
                context=f"for {given[0].shape[0]} signals with {given[0].shape[1]} features",
            )
    passed("four_properties", f"{cases} sets of representations, loud and soft, of 3 to 12 signals")


def _bank(rng: np.random.Generator, case: int) -> tuple[int, np.ndarray, np.ndarray]:
    """n, centres and widths: the first filter is wide and reaches over 1/2 or below 0."""
    n, count = int(rng.integers(40, 120)), (4, 1, 6)[case % 3]
    ratio = rng.uniform(1.3, 2.1)
    centres = rng.uniform(0.35, 0.5) / ratio ** np.arange(count)
    widths = np.minimum(centres * rng.uniform(0.3, 0.45), 0.16)  # wider ones would feel images two periods away
    if case % 4 == 3:
        widths = np.full(count, rng.uniform(0.1, 0.16))
    return n, centres.astype(np.float32).astype(np.float64), widths.astype(np.float32).astype(np.float64)


def _signal_and_banks(
    rng: np.random.Generator, case: int
) -> tuple[torch.Tensor, np.ndarray, np.ndarray, np.ndarray, int]:
    """A real signal, a first and a second bank, a low-pass and a hop; n is a multiple of the hop."""
    hop = int(rng.integers(3, 9))
    n = hop * int(rng.integers(12, 20))
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


def _as(array: np.ndarray, x: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(array).to(x.dtype)


def _expect_gradient(f, rng: np.random.Generator) -> None:
    """A finite gradient that is not zero reaches the signal; it is compared along one direction."""
    x, wavelets, _, low_pass, hop = _signal_and_banks(rng, 0)
    gradients = f.gradients(x, _as(wavelets, x), _as(low_pass, x), hop)
    if "input0" not in gradients:
        raise CheckFailed("no gradient reaches x: was it detached, or turned into numpy?")
    step = 1e-4 * rng.standard_normal(x.shape)
    ahead, behind = (oracle.first_order(x.numpy() + s * step, wavelets, low_pass, hop).sum() for s in (1, -1))
    expect_close(
        float((gradients["input0"] * step).sum()), float(ahead - behind) / 2, "the derivative along a direction",
        rtol=1e-3, atol=1e-7, context="of the sum of S1",
    )


def _measured(rng: np.random.Generator, case: int) -> tuple[np.ndarray, ...]:
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
    y = np.roll(x, shift) * rng.uniform(0.7, 1.2) + 0.3 * rng.standard_normal(samples)
    return phi, shifted, warped, sizes, labels, x, y
