"""Checks of unit 02_stft: STFT, decibels, overlap-add conditions, inverse STFT, Griffin-Lim.

Conventions: periodic Hann window, n_fft//2 zeros at both ends, X of shape (…, n_fft//2 + 1, frames), no scaling.
"""

from functools import partial

import numpy as np
import torch
from torch import Tensor

from course_lib.checks.core import expect, expect_close, passed, subject, visible_rng
from course_lib.checks.core.values import as_array
from course_lib.checks.stft import mistakes, oracle

FIRST_SIZES = ((16, 4, 90), (16, 6, 96), (9, 4, 64), (15, 5, 71), (34, 7, 6))
"""n_fft, hop, samples of the first STFT cases: ordinary ones, odd n_fft with one zero too many told, a short signal."""
FIRST_OVERLAPS = (("random", 51, 14), ("hann", 48, 24), ("boxcar", 12, 12), ("hamming", 20, 30), ("hann", 51, 7))
"""Window, length, hop: a clear ripple, COLA, copies that touch, gaps, a window of many hops and a tail."""


def stft(answer, *, rng=None, cases: int = 16) -> None:
    """The short-time Fourier transform with a periodic Hann window and centred frames. (exercise 2.1)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        n_fft, hop, samples = FIRST_SIZES[case] if case < len(FIRST_SIZES) else _sizes(rng, case)
        x = _signal(rng, case, samples)
        expect_close(
            f.call(x, n_fft, hop), oracle.stft(x, n_fft, hop), "the STFT", rtol=2e-6, atol=1e-6,
            mistakes=partial(mistakes.stft, x, n_fft, hop),
            context=f"for a signal of shape {tuple(x.shape)}, n_fft={n_fft}, hop={hop}",
        )
    x = torch.from_numpy(rng.standard_normal(3000)).float()
    expect_close(f.call(x), oracle.stft(x, 1024, 256), "the STFT", rtol=2e-6, context="with the defaults, 1024 and 256")
    silent = as_array(f.call(torch.zeros(2, 100), 16, 4))
    expect_close(silent, np.zeros((2, 9, 26), complex), "the STFT of silence")
    passed("stft", f"{cases} random signals (odd lengths, odd n_fft, shorter than a frame, batches) and silence")


def decibels(answer, *, rng=None, cases: int = 12) -> None:
    """Level relative to the largest magnitude, limited below. (exercise 2.2)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        shape, floor = (int(rng.integers(1, 9)), int(rng.integers(2, 9))), (-80.0, -60.0, -100.0, -37.5)[case % 4]
        spread = 10 ** (rng.uniform(-6, 0, shape) + rng.uniform(-2, 2))
        X = torch.from_numpy(spread * np.exp(2j * np.pi * rng.random(shape)))
        X = torch.cat([X, torch.zeros_like(X)]) if case % 3 == 2 else X
        X = X.to([torch.complex64, torch.complex128][case % 2])
        exact = X.abs().double()
        want = (20 * torch.log10(exact / exact.max())).clamp(min=floor)
        expect_close(
            f.call(X, floor), want, "the level in dB", rtol=0, atol=1e-3, context=f"for floor={floor:g}",
            mistakes=partial(mistakes.decibels, X, floor),
        )
    _silence_in_decibels(f)
    passed("decibels", f"{cases} random spectrograms with four floors, and silence")


def _silence_in_decibels(f) -> None:
    silence = torch.zeros(3, 4, dtype=torch.complex64)
    for floor, got in ((-80.0, f.call(silence)), (-60.0, f.call(silence, -60.0)), (-120.0, f.call(silence, -120.0))):
        level = as_array(got, "the level of silence")
        expect(not np.isnan(level).any(), "silence gives NaN: 0/0. Its largest magnitude is zero; the card asks for "
               "the floor everywhere.")
        expect_close(
            level, np.full((3, 4), floor), "the level of silence", context=f"for floor={floor:g}",
            mistakes={
                "it is 0 dB: NaN (0/0) was replaced by 0; the card asks for the floor.": np.zeros((3, 4)),
                "it is -80 dB whatever the floor: use the argument `floor`.": np.full((3, 4), -80.0),
            },
        )


def overlap_ripple(answer, *, rng=None, cases: int = 24) -> None:
    """How far overlapping windows are from adding up to a constant. (exercise 2.4)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        if case < len(FIRST_OVERLAPS):
            name, length, hop = FIRST_OVERLAPS[case]
        else:
            name, length = ("hann", "hamming", "random")[int(rng.integers(3))], int(rng.integers(3, 60))
            hop = max(length // int(rng.integers(2, 5)), 1) if case % 3 == 2 else int(rng.integers(1, 40))
        w = {
            "hann": torch.hann_window, "hamming": torch.hamming_window, "boxcar": torch.ones,
            "random": lambda length, dtype: torch.from_numpy(rng.random(length) + 0.01).to(dtype),
        }[name](length, dtype=torch.float64)
        expect_close(
            f.call(w, hop), oracle.overlap_ripple(w.numpy(), hop), "the ripple", rtol=0, atol=1e-6,
            mistakes=partial(mistakes.overlap_ripple, w.numpy(), hop),
            context=f"for a {name} window of {length} samples and hop={hop}",
        )
    passed("overlap_ripple", f"{cases} windows and hops: constant sums, ripples, and gaps where hop > length")


def istft(answer, *, rng=None, cases: int = 16) -> None:
    """The least-squares inverse of the STFT: exact on a true STFT, the nearest signal otherwise. (exercise 2.5)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        n_fft = int(rng.integers(4, 33)) if case % 2 else int(2 * rng.integers(2, 17))
        hop = int(rng.integers(1, n_fft // 2 + 1))
        x = _signal(rng, case, int(rng.integers(n_fft, 8 * n_fft)))
        if case == 1:
            # The last sample lies where w² is below 1e-4: an epsilon in the division shows there.
            n_fft, hop, x = 32, 16, torch.from_numpy(rng.uniform(0.5, 1.0, 95))
        X = oracle.stft(x, n_fft, hop)
        kind = "a true STFT"
        if case % 4 >= 2:
            kind = "an STFT that was changed (no signal has it)"
            X = X * torch.from_numpy(rng.random(X.shape))
        X = X.to(torch.complex64 if x.dtype == torch.float32 else torch.complex128)
        length = x.shape[-1]
        got = as_array(f.call(X, n_fft, hop, length), "the signal")
        context = f"from {kind} of shape {tuple(X.shape)}, n_fft={n_fft}, hop={hop}, length={length}"
        expect(not np.isnan(got).any(), f"the signal has NaN values {context}: 0/0, a weight of zero. Is the padding "
               "at the start still there (drop the first n_fft//2 samples), or do frames overwrite each other?")
        expect_close(got, oracle.istft(X, n_fft, hop, length), "the signal", rtol=2e-5, atol=1e-6, context=context,
                     mistakes=partial(mistakes.istft, X, n_fft, hop, length))
    silent = as_array(f.call(torch.zeros(1, 9, 5, dtype=torch.complex64), 16, 8, 32))
    expect_close(silent, np.zeros((1, 32)), "the signal of a silent STFT")
    passed("istft", f"{cases} signals rebuilt to float32 precision, changed STFTs by least squares, silence")


def griffin_lim(answer, *, rng=None, cases: int = 8) -> None:
    """Alternating projections from a given starting phase. (exercise 2.7)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        n_fft = int(rng.choice([16, 32, 64]))
        hop, iterations = n_fft // int(rng.choice([2, 4])), (0, 3, 1, 5, 2, 4)[case % 6]
        x = _signal(rng, 2 * case + 1, hop * int(rng.integers(6, 20))).double()
        if case % 3 == 2:
            x[..., : x.shape[-1] // 2] = 0  # frames of pure silence: 0/0 in a careless X/|X|
        magnitude = oracle.stft(x, n_fft, hop).abs()
        phase = torch.from_numpy(rng.uniform(-np.pi, np.pi, magnitude.shape))
        steps = oracle.griffin_lim(magnitude, phase, hop, iterations + 1)
        expect_close(
            f.call(magnitude, phase, hop, iterations), steps[iterations], "the signal", rtol=1e-4, atol=1e-6,
            mistakes=partial(mistakes.griffin_lim, magnitude, phase, hop, iterations, steps),
            context=f"for a magnitude of shape {tuple(magnitude.shape)}, hop={hop} and {iterations} iterations",
        )
    passed("griffin_lim", f"{cases} magnitudes, 0 to 5 iterations, silence inside, batches")


def _sizes(rng: np.random.Generator, case: int) -> tuple[int, int, int]:
    """A small n_fft, odd every third time; a hop up to n_fft; samples, often at a multiple of the hop or beside it."""
    n_fft = int(2 * rng.integers(2, 20)) + (case % 3 == 2)
    hop, samples = int(rng.integers(1, n_fft + 1)), int(rng.integers(1, 6 * n_fft))
    if case % 2:
        samples = hop * (samples // hop + 2) + (1, 0, -1)[case // 2 % 3]
    return n_fft, hop, samples


def _signal(rng: np.random.Generator, case: int, samples: int) -> Tensor:
    """Noise: single, batch of one, batches; float32 and float64; every fifth one not contiguous in memory."""
    batch = [(), (1,), (2,), (2, 3)][case // 2 % 4]
    x = torch.from_numpy(rng.standard_normal((*batch, samples))).to([torch.float32, torch.float64][case % 2])
    if case % 5 == 4 and batch:
        x = x.movedim(-1, 0).contiguous().movedim(0, -1)
    return x
