"""Checks of unit 01_dft: projection, DFT and inverse, shape of a window, resolving length, radix-2 FFT.

Conventions: ⟨x, y⟩ = Σ x[n] y*[n]; X[k] = Σ x[n] e^{−2πi kn/N} without a factor, its inverse divides by N; widths of
windows in bins of sr/L hertz, side lobes in dB re the top of the main lobe.
"""

from functools import partial
from itertools import chain

import numpy as np
import torch
from torch import Tensor

from course_lib.checks.core import (
    CheckFailed,
    as_array,
    expect,
    expect_close,
    expect_equal,
    passed,
    subject,
    visible_rng,
)
from course_lib.checks.dft import mistakes, oracle
from course_lib.checks.dft.tones import HARD, two_tones

REAL, COMPLEX = (torch.float32, torch.float64), (torch.complex64, torch.complex128)
FIRST_LENGTHS = (8, 5, 1, 12, 2, 31)
WINDOWS = ("hamming", "chebwin", "kaiser", "boxcar", "hann", "gauss", "blackman", "taylor")


def project(answer, *, rng=None, cases: int = 16) -> None:
    """Coefficients and approximation on orthogonal vectors of any length. (exercise 1.1)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        samples = int(rng.integers(3, 40))
        count = samples if case % 4 == 3 else int(rng.integers(1, samples))
        kind = (*COMPLEX, *REAL)[case % 4] if case % 3 else torch.complex128
        vectors = oracle.orthogonal(rng, count, samples, complex_values=kind.is_complex)
        y, V = _noise(rng, _batch(case), samples, kind, strided=case % 5 == 4), torch.from_numpy(vectors).to(kind)
        got = _pair(f.call(y, V), "coefficients", "approximation")
        c, approximation = oracle.project(y, V)
        context = f"for y of shape {tuple(y.shape)} and {count} {'complex' if kind.is_complex else 'real'} vectors"
        tables = partial(mistakes.coefficients, y, V), partial(mistakes.approximation, y, V)
        for value, want, what, table in zip(got, (c, approximation), ("c", "the approximation"), tables, strict=True):
            expect_close(value, want, what, rtol=2e-5, context=context, mistakes=table)
            expect(kind.is_complex or not np.iscomplexobj(as_array(value)),
                   f"{what} should be real {context}, got complex numbers: real input gives real output.")
    _expect_untouched(f, y, V)
    silent = _pair(f.call(torch.zeros(9, dtype=torch.complex64), V_ONE), "coefficients", "approximation")
    expect_close(silent[0], np.zeros(1, complex), "c", context="for silence")
    passed("project", f"{cases} sets of orthogonal vectors, real and complex, of any length; full bases rebuild y")


def _expect_untouched(f, *arguments: Tensor) -> None:
    """A leaf of autograd refuses to be written into: so a write is seen. An answer without gradients is not judged."""
    try:
        f.gradients(*arguments, output=0)
    except CheckFailed as error:
        if "in-place" in error.message:
            raise CheckFailed(
                "an argument was overwritten (x /= ..., x[...] = ...): the caller's tensor changes with it. Write "
                "x = x / ... .\n" + error.message
            ) from None


V_ONE = torch.full((1, 9), 2 + 1j, dtype=torch.complex64)


def dft(answer, *, rng=None, cases: int = 16) -> None:
    """DFT and inverse DFT of any length, along the last axis. (exercise 1.2)"""
    f, rng, kinds = subject(answer), visible_rng(rng), []
    for case in range(cases):
        samples = FIRST_LENGTHS[case] if case < len(FIRST_LENGTHS) else int(rng.integers(1, 60))
        x = _noise(rng, _batch(case), samples, (*REAL, *COMPLEX)[case // 2 % 4], strided=case % 5 == 4)
        inverse = case % 2 == 1
        what = "the inverse DFT" if inverse else "the DFT"
        got = f.call(x, inverse=True) if inverse else f.call(x)
        expect_close(
            got, oracle.dft(x, inverse=inverse), what, rtol=1e-5, mistakes=partial(mistakes.dft, x, inverse),
            context=f"for {'complex' if x.is_complex() else 'real'} values of shape {tuple(x.shape)}",
        )
        kinds.append((as_array(got).dtype, x.dtype))
    _expect_double(kinds, "the DFT or its inverse")
    x = torch.from_numpy(rng.standard_normal(7))
    back = f.call(torch.as_tensor(as_array(f.call(x), "the DFT")), inverse=True)
    expect_close(back, x + 0j, "the signal after DFT and inverse DFT", rtol=1e-5)
    expect_close(f.call(torch.zeros(2, 6)), np.zeros((2, 6), complex), "the DFT of silence")
    impulse = torch.zeros(6, dtype=torch.float64)
    impulse[0] = 3.0
    expect_close(f.call(impulse), np.full(6, 3 + 0j), "the DFT of an impulse of height 3 at n = 0")
    passed("dft", f"{cases} signals and spectra (odd lengths, one sample, batches, complex), there and back, impulse")


def _expect_double(kinds: list[tuple[np.dtype, torch.dtype]], what: str) -> None:
    """Of every (dtype that came back, dtype of the input)."""
    for got, given in kinds:
        given = str(given).removeprefix("torch.")
        expect(got == np.complex128, f"{what} is right but for its dtype: it should be complex128 for {given} too, got "
               f"{got}. Is it `x.to(torch.complex128)` at the start?")


def window_shape(answer, *, rng=None, cases: int = 14) -> None:
    """Width of the main lobe at half amplitude in bins, and level of the highest side lobe in dB. (exercise 1.4)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        name, length = WINDOWS[case % len(WINDOWS)], int(rng.integers(24, 100))
        w = oracle.window(rng, name, length)
        given = torch.from_numpy(w).to(REAL[1 if name in ("chebwin", "taylor") else case // 2 % 2])
        got = _pair(f.call(given), "width", "side-lobe level")
        width, level = oracle.window_shape(w)
        context = f"for a {name} window of {length} samples"
        expect_close(got[0], width, "the width", rtol=0, atol=0.008, context=context,
                     mistakes=partial(mistakes.width, w))
        expect_close(got[1], level, "the side-lobe level", rtol=0, atol=0.05, context=context,
                     mistakes=partial(mistakes.side_lobe, w))
    passed("window_shape", f"{cases} windows of odd and even lengths, of any height; side lobes from -13 to -90 dB")


def smallest_length(answer, *, rng=None, cases: int = 8) -> None:
    """The smallest frame that shows two tones as two, found by measuring. (exercise 1.5)"""
    f, rng = subject(answer), visible_rng(rng)
    for low, high, sr, name, longest, want in chain(HARD, (two_tones(rng, case) for case in range(cases))):
        got = f.call(low, high, sr, name, longest)
        try:
            whole = float(as_array(got, "the length"))
        except TypeError:
            raise CheckFailed(f"the length should be one whole number, got {got!r}.") from None
        expect_equal(
            whole, want, "the smallest length",
            mistakes=partial(mistakes.smallest_length, low, high, sr, name, longest),
            context=f"for {low:.1f} and {high:.1f} Hz at {sr} Hz, window {name}, up to {longest} samples",
        )
    low, high, sr, name, longest, want = two_tones(rng, 0, enough=True)
    expect_equal(f.call(low, high, sr, name, want), want, "the smallest length", mistakes={
        "`longest` itself was not tried: it counts as well.": 0}, context="where only `longest` itself is long enough")
    passed("smallest_length", f"{cases + len(HARD)} pairs of tones, near 0 Hz and sr/2 too, four windows, "
           "and pairs that no allowed length can part")


def fft(answer, *, rng=None, cases: int = 12) -> None:
    """Radix-2 FFT of a power of two of samples, along the last axis. (exercise 1.7)"""
    f, rng, kinds = subject(answer), visible_rng(rng), []
    for case in range(cases):
        samples = (8, 2, 4, 1, 64)[case] if case < 5 else 2 ** int(rng.integers(0, 9))
        x = _noise(rng, _batch(case), samples, (*COMPLEX, *REAL)[case % 4], strided=case % 5 == 4)
        kinds.append((_expect_fft(f, x), x.dtype))
    _expect_fft(f, _noise(rng, (), 4096, torch.float32, strided=False))
    _expect_double(kinds, "the FFT")
    expect_close(f.call(torch.zeros(2, 8)), np.zeros((2, 8), complex), "the FFT of silence")
    passed("fft", f"{cases} batches of 1 to 256 samples, real and complex, and 4096 samples to float32 precision")


def _expect_fft(f, x: Tensor) -> np.dtype:
    """The dtype of what came back, for `_expect_double`."""
    try:
        got = f.call(x)
    except CheckFailed as error:
        if any(sign in error.message for sign in ("without end", "SymInt", "IntArrayRef")):
            raise CheckFailed(
                "the recursion does not end: does it stop at one sample, N = 1?\n" + error.message
            ) from None
        raise
    expect_close(
        got, oracle.dft(x), "the FFT", rtol=3e-6 if x.shape[-1] > 256 else 1e-5, mistakes=partial(mistakes.fft, x),
        context=f"for {'complex' if x.is_complex() else 'real'} values of shape {tuple(x.shape)}",
    )
    return as_array(got).dtype


def _batch(case: int) -> tuple[int, ...]:
    return [(), (1,), (3,), (2, 3)][case // 2 % 4]


def _noise(
    rng: np.random.Generator, batch: tuple[int, ...], samples: int, kind: torch.dtype, *, strided: bool
) -> Tensor:
    """Random values of a dtype; `strided` ones are not contiguous in memory."""
    shape = (*batch, samples)
    x = rng.standard_normal(shape) + (1j * rng.standard_normal(shape) if kind.is_complex else 0)
    x = torch.from_numpy(x).to(kind)
    return x.movedim(-1, 0).contiguous().movedim(0, -1) if strided and batch else x


def _pair(value: object, first: str, second: str) -> tuple:
    expect(isinstance(value, (tuple, list)) and len(value) == 2,
           f"the answer should be two things, ({first}, {second}): end with `return {first.split()[0]}, …`.")
    return tuple(value)
