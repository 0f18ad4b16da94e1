"""Checks of unit 03_cqt: window lengths, kernels in time, spectral kernels, CQT, harmonic CQT.

Conventions: Hann windows with sum 1, centred on n_fft/2 with phase zero there; spectral kernels are conjugated and
carry the 1/N of Parseval; frame m is centred on sample m·hop, zeros outside; X of shape (…, bins, frames).
"""

from functools import partial

import numpy as np
import torch

from course_lib.checks.core import expect_close, passed, subject, visible_rng
from course_lib.checks.core.values import as_array
from course_lib.checks.cqt import mistakes, oracle, stack

FIRST_TUNINGS = ((24, 1.0), (12, 2.0), (36, 1.5), (12, 1.0))
"""Bins per octave and Cw of the first cases of window_lengths."""
FIRST_HARMONICS = (
    ([0.5, 1, 2, 3, 5], 12), ([1, 2, 3], 24), ([3, 1, 0.5], 18), ([3, 5], 18), ([1 / 3, 1, 3], 18), ([2, 3], 12),
    ([1], 12),
)
"""Harmonics and bins per octave of the first HCQT cases: below 1, from 1, not sorted, the lowest between two bins (half
a bin off, above 1 and below), without 1, one layer."""


def window_lengths(answer, *, rng=None, cases: int = 16) -> None:
    """Window lengths of constant Q from MIDI numbers. (exercise 3.1)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        if case < len(FIRST_TUNINGS):
            bins_per_octave, cw = FIRST_TUNINGS[case]
        else:
            bins_per_octave, cw = int(rng.integers(5, 61)), float(rng.uniform(0.8, 3.0))
        low = 20 if case else 97  # the first windows are short: rounding shows
        midi = rng.uniform(low, 110, int(rng.integers(1, 9))) if case % 2 else rng.integers(low, 110, 6).astype(float)
        sr = float(rng.choice([8000, 16000, 22050, 44100]))
        exact = midi.astype(np.float32).astype(np.float64) if case % 3 == 0 else midi
        given = torch.from_numpy(midi).to(torch.float32 if case % 3 == 0 else torch.float64)
        expect_close(
            f.call(given, sr, bins_per_octave, cw), oracle.window_lengths(exact, sr, bins_per_octave, cw),
            "the window length", rtol=1e-4, atol=0,  # float32: the next bin above minus this one cancels
            mistakes=partial(mistakes.window_lengths, exact, sr, bins_per_octave, cw),
            context=f"for MIDI {np.round(midi[:3], 1).tolist()}…, sr={sr:g}, {bins_per_octave} per octave, Cw={cw:.3g}",
        )
    expect_close(
        f.call(torch.tensor([69.0]), 44100.0), oracle.window_lengths(np.array([69.0]), 44100.0, 12, 2.0),
        "the window length", rtol=5e-6, context="of A4 with the defaults, 12 bins per octave and Cw = 2",
    )
    passed("window_lengths", f"{cases} tunings: fractional pitches, 5 to 60 bins per octave, several Cw")


def kernel_bank(answer, *, rng=None, cases: int = 10) -> None:
    """Windowed sinusoids in time, centred. (exercise 3.2)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        frequencies, lengths, sr, n_fft = _bank(rng, case)
        if case % 4 == 3:  # a few samples: here the sum of a window is not L/2
            lengths *= rng.uniform(2.6, 4.8) / lengths.min()
            lengths, frequencies = np.minimum(lengths, n_fft), rng.uniform(0.02, 0.4, len(lengths)) * sr
        expect_close(
            f.call(torch.from_numpy(frequencies), torch.from_numpy(lengths), sr, n_fft),
            oracle.kernel_bank(frequencies, lengths, sr, n_fft), "the kernel bank", rtol=2e-4, atol=1e-7,
            mistakes=partial(mistakes.kernel_bank, frequencies, lengths, sr, n_fft),
            context=f"for {len(frequencies)} bins with lengths {np.round(lengths[:3], 1).tolist()}…, n_fft={n_fft}",
        )
    passed("kernel_bank", f"{cases} banks: one bin and several, real lengths, windows of a few samples and of n_fft")


def spectral_kernels(answer, *, rng=None, cases: int = 12) -> None:
    """Conjugated spectra of the kernels with their small entries set to zero. (exercise 3.3)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        kernels, threshold = _kernels(rng, case), (0.1, 0.3, 1.0, 0.0, 0.01)[case % 5]
        given = torch.from_numpy(kernels).to(torch.complex64 if case % 2 else torch.complex128)
        exact = given.to(torch.complex128).numpy()
        expect_close(
            f.call(given, threshold), oracle.spectral_kernels(exact, threshold), "the matrix of spectral kernels",
            rtol=2e-6, atol=0, mistakes=partial(mistakes.spectral_kernels, exact, threshold),
            context=f"for kernels of shape {kernels.shape} and threshold={threshold:g}",
        )
    passed("spectral_kernels", f"{cases} banks: loud and soft kernels together, five thresholds")


def cqt(answer, *, rng=None, cases: int = 12) -> None:
    """The transform by spectral kernels, against sums in time. (exercise 3.5)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        frequencies, lengths, sr, n_fft = _bank(rng, case)
        spectral = oracle.spectral_kernels(oracle.kernel_bank(frequencies, lengths, sr, n_fft), 0.02)
        spectral[:, n_fft // 2 + 1 :] = 0  # a kernel turns one way: an answer may use the lower half only
        spectral *= np.exp(2j * np.pi * rng.random((len(spectral), 1)))  # else real: a conjugate would not show
        hop, samples = int(rng.integers(n_fft // 16, n_fft)), int(rng.integers(n_fft // 2 + 2, 4 * n_fft))
        samples = (samples, samples // hop * hop + hop, n_fft // 4)[case % 3]
        batch, double = [(), (1,), (2,), (2, 3)][case // 2 % 4], case % 2
        x = torch.from_numpy(rng.standard_normal((*batch, samples))).to(torch.float64 if double else torch.float32)
        if case % 5 == 4 and batch:
            x = x.movedim(-1, 0).contiguous().movedim(0, -1)
        given = torch.from_numpy(spectral).to(torch.complex128 if double else torch.complex64)
        expect_close(
            f.call(x, given, hop), oracle.cqt(x.numpy(), spectral, hop), "the CQT",
            rtol=1e-9 if double else 5e-6, atol=1e-12 if double else 1e-7,
            mistakes=partial(mistakes.cqt, x.numpy(), spectral, hop),
            context=f"for a signal of shape {tuple(x.shape)}, {len(spectral)} kernels of n_fft={n_fft}, hop={hop}",
        )
    silent = as_array(f.call(torch.zeros(1, 50), torch.ones(3, 16, dtype=torch.complex64), 10))
    expect_close(silent, np.zeros((1, 3, 6), complex), "the CQT of silence")
    passed("cqt", f"{cases} signals (short, odd lengths, batches) against sums in time, and silence")


def hcqt(answer, *, rng=None, cases: int = 8) -> None:
    """A harmonic stack cut from one wide CQT, against a definition sum per layer. (exercise 3.6)"""
    f, rng = subject(answer), visible_rng(rng)
    sr = 8000.0
    for case in range(cases):
        harmonics, bins_per_octave = FIRST_HARMONICS[case % len(FIRST_HARMONICS)]
        if case >= len(FIRST_HARMONICS):
            harmonics = list(rng.permutation(harmonics + [4, 1.5][: case % 3]).tolist())
        n_bins, f_min = int(rng.integers(3, 12)), float(rng.uniform(110, 150))
        hop, samples = int(rng.integers(60, 250)), int(rng.integers(300, 900))
        batch = [(), (2,), (1, 2)][case % 3]
        x = torch.from_numpy(rng.standard_normal((*batch, samples))).to([torch.float32, torch.float64][case % 2])
        steps = [round(bins_per_octave * float(np.log2(h))) for h in harmonics]
        # signal.cqt cuts the spectra of the kernels where they fall below 2e-4: hence the tolerance.
        expect_close(
            f.call(x, sr, harmonics, f_min, n_bins, bins_per_octave, hop),
            oracle.hcqt(x.numpy(), sr, hop, f_min, n_bins, bins_per_octave, steps), "the harmonic CQT",
            rtol=0, atol=3e-3,
            mistakes=partial(stack.hcqt, x.numpy(), sr, harmonics, f_min, n_bins, bins_per_octave, hop),
            context=f"for harmonics {harmonics}, {n_bins} bins, {bins_per_octave} per octave, x of {tuple(x.shape)}",
        )
    passed("hcqt", f"{cases} stacks: below the fundamental, in any order, 12 to 24 bins per octave, batches")


def _bank(rng: np.random.Generator, case: int) -> tuple[np.ndarray, np.ndarray, float, int]:
    """Frequencies, real lengths, sr and an even n_fft; the longest window fills n_fft every third time."""
    sr, bins = float(rng.choice([1000, 8000])), (5, 1, 3)[case % 3]
    n_fft = int(2 * rng.integers(40, 90))
    longest = n_fft if case % 3 == 2 else n_fft * rng.uniform(0.6, 0.9)
    ratio = 2 ** (np.arange(bins) / 4)
    lengths = longest / ratio
    return rng.uniform(9.0, 11.0) / longest * sr * ratio, lengths, sr, n_fft


def _kernels(rng: np.random.Generator, case: int) -> np.ndarray:
    """A bank of kernels of different level, or complex noise."""
    if case % 3 == 2:
        noise = rng.standard_normal((2, 4, 30)) * np.array([[1.0], [0.05], [3.0], [0.4]])
        return noise[0] + 1j * noise[1]
    frequencies, lengths, sr, n_fft = _bank(rng, case)
    return oracle.kernel_bank(frequencies, lengths, sr, n_fft) * rng.uniform(0.05, 2, (len(lengths), 1))
