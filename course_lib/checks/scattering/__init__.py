"""Checks of unit 07_scattering: Morlet bank, Littlewood-Paley sum, scattering of order 1 and 2, the four properties.

Conventions: frequencies in cycles per sample; filters as values at the n bins of the DFT, frequency 0 first; signals
are followed by zeros up to n samples; frame m is read at sample m·hop, there are samples // hop + 1.
"""

from functools import partial

import numpy as np
import torch

from course_lib.checks.core import CheckFailed, expect, expect_close, passed, subject, visible_rng
from course_lib.checks.core.values import as_array
from course_lib.checks.scattering import cascade_mistakes, inputs, mistakes, oracle

PROPERTIES = ("stability", "invariance", "discriminability", "reconstruction")


def morlet_bank(answer, *, rng=None, cases: int = 12) -> None:
    """Morlet wavelets on the grid of the DFT. (exercise 7.1)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        n, centres, widths = inputs.bank(rng, case)
        dtype = torch.float32 if case % 3 == 2 else torch.float64
        got = f.call(n, torch.from_numpy(centres).to(dtype), torch.from_numpy(widths).to(dtype))
        expect_close(
            got, oracle.morlet_bank(n, centres, widths), "the bank", rtol=2e-6, atol=0,
            mistakes=partial(mistakes.morlet_bank, n, centres, widths),
            context=f"for n={n}, centres {np.round(centres[:3], 3)}…, widths {np.round(widths[:3], 3)}…",
        )
        _expect_dtype(as_array(got, "the bank").dtype, dtype)
    passed("morlet_bank", f"{cases} banks: one filter and several, even and odd n, wide and narrow")


def littlewood_paley(answer, *, rng=None, cases: int = 12) -> None:
    """The energy that a bank keeps at each frequency. (exercise 7.2)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        n, centres, widths = inputs.bank(rng, case)
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
        x, wavelets, _, low_pass, hop = inputs.signal_and_banks(rng, case)
        got = f.call(x, _as(wavelets, x), _as(low_pass, x), hop)
        expect_close(
            got, oracle.first_order(x.numpy(), wavelets, low_pass, hop), "S1", rtol=1e-5, atol=1e-7,
            mistakes=partial(cascade_mistakes.first_order, x.numpy(), wavelets, low_pass, hop),
            context=f"for x of shape {tuple(x.shape)}, {len(wavelets)} filters on n={len(low_pass)} bins, hop={hop}",
        )
        _expect_real(got, "S1")
    _first_order_gradient(f, rng)
    silent = as_array(f.call(torch.zeros(1, 21), torch.ones(2, 63), torch.ones(63), 7), "S1 of silence")
    expect_close(silent, np.zeros((1, 2, 4)), "S1 of silence")
    passed("first_order", f"{cases} signals (odd lengths, batches) against sums in time, silence, the gradient")


def second_order(answer, *, rng=None, cases: int = 10) -> None:
    """||x * ψ1| * ψ2| * φ on given paths, against sums in time. (exercise 7.4)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        x, first, second, low_pass, hop = inputs.signal_and_banks(rng, case)
        pairs = [(a, b) for a in range(len(first)) for b in range(len(second))]
        count = int(rng.integers(1, len(pairs)))
        paths = [pairs[i] for i in rng.permutation(len(pairs))[:count]] if case % 4 else pairs[: len(pairs) - 1]
        got = f.call(x, _as(first, x), _as(second, x), _as(low_pass, x), paths, hop)
        expect_close(
            got, oracle.second_order(x.numpy(), first, second, low_pass, paths, hop), "S2", rtol=2e-5, atol=1e-7,
            mistakes=partial(cascade_mistakes.second_order, x.numpy(), first, second, low_pass, paths, hop),
            context=f"for x of shape {tuple(x.shape)}, paths {paths[:3]}…, n={len(low_pass)}, hop={hop}",
        )
        _expect_real(got, "S2")
    _second_order_gradient(f, rng)
    passed("second_order", f"{cases} signals and lists of paths in any order, against sums in time, the gradient")


def four_properties(answer, *, rng=None, cases: int = 10) -> None:
    """Stability, invariance, discriminability, reconstruction as numbers. (exercise 7.6)

    Whether an answer calls the functions of `metrics`, which the card forbids, cannot be seen from its numbers.
    """
    f, rng = subject(answer), visible_rng(rng)
    shares, wanted, tables = [], [], []
    for case in range(cases):
        given = inputs.measured(rng, case)
        got = f.call(*map(torch.from_numpy, given))
        expect(isinstance(got, dict), "return a dict with the four names as keys.")
        missing = [name for name in PROPERTIES if name not in got]
        expect(not missing, f"the dict lacks {', '.join(map(repr, missing))}; it has {sorted(map(str, got))}.")
        want, table = oracle.four_properties(*given), mistakes.four_properties(*given)
        context = f"for {given[0].shape[0]} signals with {given[0].shape[1]} features"
        for name in PROPERTIES:
            if name != "discriminability":
                expect_close(got[name], want[name], f"the {name}", rtol=1e-5, atol=1e-6, mistakes=table[name],
                             context=context)
        share = as_array(got["discriminability"], "the discriminability")
        expect(share.shape == (), f"the discriminability should be one number {context}, got shape {share.shape}.")
        shares.append(share)
        wanted.append(want["discriminability"])
        tables.append(table["discriminability"])
    expect_close(  # a share has few values: a mistake is named only if it fits every case
        np.array(shares), np.array(wanted), "the discriminability", rtol=1e-5, atol=1e-6,
        mistakes={sentence: np.array([table[sentence] for table in tables]) for sentence in tables[0]},
        context=f"in {cases} cases (one after the other)",
    )
    passed("four_properties", f"{cases} sets of representations, loud and soft, of 3 to 12 signals")


def _as(array: np.ndarray, x: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(array).to(x.dtype)


def _expect_dtype(got: np.dtype, given: torch.dtype) -> None:
    """float64 in, float64 out; more digits than were given do no harm."""
    if given == torch.float64:
        expect(got == np.float64, "the bank is right but for its dtype: it should be float64 like the arguments, got "
               f"{got}. Was something turned by `.float()`, or made without `dtype=centres.dtype`?")


def _expect_real(got, what: str) -> None:
    """Zero imaginary parts do not count as real."""
    expect(not np.iscomplexobj(as_array(got, what)), f"{what} has the right values, but is complex: the average of a "
           "modulus is real, so take `.real` at the end.")


def _first_order_gradient(f, rng: np.random.Generator) -> None:
    x, wavelets, _, low_pass, hop = inputs.signal_and_banks(rng, 0)
    _expect_gradient(
        f.gradients(x, _as(wavelets, x), _as(low_pass, x), hop), x,
        lambda moved: oracle.first_order(moved, wavelets, low_pass, hop).sum(), rng, "S1",
    )


def _second_order_gradient(f, rng: np.random.Generator) -> None:
    x, first, second, low_pass, hop = inputs.signal_and_banks(rng, 0)
    paths = [(1, 2), (0, 1), (0, 0), (2, 2)]
    _expect_gradient(
        f.gradients(x, _as(first, x), _as(second, x), _as(low_pass, x), paths, hop), x,
        lambda moved: oracle.second_order(moved, first, second, low_pass, paths, hop).sum(), rng, "S2",
    )


def _expect_gradient(gradients: dict, x: torch.Tensor, total, rng: np.random.Generator, what: str) -> None:
    """A finite gradient that is not zero reaches the signal; it is compared along one direction."""
    if "input0" not in gradients:
        raise CheckFailed("no gradient reaches x: was it detached, or turned into numpy?")
    step = 1e-4 * rng.standard_normal(x.shape)
    ahead, behind = (total(x.numpy() + sign * step) for sign in (1, -1))
    expect_close(
        float((gradients["input0"] * step).sum()), float(ahead - behind) / 2, "the derivative along a direction",
        rtol=1e-3, atol=1e-7, context=f"of the sum of {what}",
    )
