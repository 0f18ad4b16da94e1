"""Checks of unit 06_sinusoidal: peaks between bins, partial tracking, the harmonic fit, additive resynthesis.

Conventions: amplitude 1 is 0 dB; A·exp(iφ) belongs to A·cos φ at the middle sample of a frame; a running phase has its
given value at sample 0 and turns by 2π·f[n]/sr from sample n − 1 to sample n.
"""

from functools import partial

import numpy as np
import torch

from course_lib.checks.core import expect, expect_close, passed, subject, visible_rng
from course_lib.checks.core.values import as_array, describe
from course_lib.checks.sinusoidal import mistakes, oracle
from course_lib.checks.sinusoidal.tracking import track

__all__ = ["additive", "harmonic_fit", "peaks", "track"]


def peaks(answer, *, rng=None, cases: int = 12) -> None:
    """Peaks of one spectrum: a parabola through three levels in dB. (exercise 6.1)"""
    f, rng = subject(answer), visible_rng(rng)
    _expect_peaks(f, _ladder(), 16000.0, -10.0, "of seven symmetric peaks at 4, −3, −8, −13, −18, −25 and −60 dB, "
                  "floor −10 dB")
    for case in range(cases):
        sr = float(rng.choice([8000, 16000, 22050, 44100]))
        spectrum = _tones(rng, sr) if case % 2 == 0 else np.exp(rng.standard_normal(int(rng.integers(9, 60))))
        floor_db = _floor_between(rng, spectrum)
        sent = torch.from_numpy(spectrum).to(torch.float32 if case % 4 == 1 else torch.float64)
        if case % 3 == 2:
            sent = torch.stack([sent, sent], -1)[:, 0]  # every second value in memory
        _expect_peaks(f, sent, sr, floor_db, f"of {len(spectrum)} bins up to {sr / 2:g} Hz, floor {floor_db:.1f} dB")
    flat = torch.tensor([0.0, 0.5, 0.5, 0.25, 0.0, 0.75, 0.25], dtype=torch.float64)
    _expect_peaks(f, flat, 1000.0, -80.0, "of two equal neighbours and zeros")
    edges = torch.tensor([1.0, 0.5, 0.25, 0.5, 1.0], dtype=torch.float64)
    _expect_peaks(f, edges, 1000.0, -80.0, "that is largest at both ends, which are no peaks")
    _expect_peaks(f, torch.zeros(17), 16000.0, -80.0, "of silence")
    passed("peaks", f"{cases} spectra (sinusoids and noise, float32 and float64), equal neighbours, ends, and silence")


def additive(answer, *, rng=None, cases: int = 10) -> None:
    """Sinusoids with moving amplitude and frequency, by integration of the phase. (exercise 6.3)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        sr, hop = float(rng.choice([4000, 8000])), int(rng.choice([1, 7, 16, 33]))
        batch = [(), (1,), (2,), (2, 3)][case % 4]
        shape = (*batch, int(rng.integers(1, 5)), int(rng.integers(2, 9)))
        frequency = rng.uniform(50, (0.7 if case % 3 else 0.45) * sr, shape)
        if case % 3 == 1:
            frequency[..., 1] = 0.6 * sr  # rises above sr/2 and comes back
            frequency[..., -1] = 0.2 * sr
        _expect_sound(f, frequency, rng.uniform(0, 1, shape), rng.uniform(-3, 3, shape[:-1]), sr, hop,
                      torch.float32 if case % 4 == 2 else torch.float64)
    _expect_sound(f, np.full((1, 2), 2000.0), np.ones((1, 2)), np.zeros(1), 4000.0, 8, torch.float64)  # at sr/2
    _expect_steady(f)
    passed("additive", f"{cases} batches of moving partials, some beyond sr/2, and 10 seconds in float32")


def harmonic_fit(answer, *, rng=None, cases: int = 12) -> None:
    """Amplitudes and phases of harmonics by least squares, and what they leave. (exercise 6.4)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        sr = float(rng.choice([8000, 16000, 22050]))
        f0 = float(rng.uniform(100, 700))
        samples = int(sr / f0 * rng.uniform(3.2, 6)) + (case % 2)
        harmonics = int(rng.integers(1, 7)) if case % 3 else int(sr / 2 / f0) + 3  # beyond sr/2
        x = _harmonic_frame(rng, samples, f0, sr, 0.0 if case == 0 else 0.1)
        sent = torch.from_numpy(x).to(torch.float32 if case % 4 == 1 else torch.float64)
        if case % 5 == 4:
            sent = torch.stack([sent, sent], -1)[:, 0]
        _expect_fit(f, sent, f0, sr, harmonics)
    _expect_fit(f, torch.from_numpy(rng.standard_normal(50)), 0.0, 8000.0, 3)
    _expect_fit(f, torch.zeros(120, dtype=torch.float64), 200.0, 8000.0, 4)
    _expect_none_at_half_the_rate(f, torch.from_numpy(rng.standard_normal(64)))
    passed("harmonic_fit", f"{cases} frames of harmonics and noise, harmonics beyond sr/2, silence, and no pitch")


def _expect_peaks(f, sent: torch.Tensor, sr: float, floor_db: float, context: str) -> None:
    context = f"for a spectrum {context}"
    frequency, amplitude = _two(f, f.call(sent, sr, floor_db), "frequencies and amplitudes", context)
    exact = sent.double().numpy()
    want = oracle.peaks(exact, sr, floor_db)
    table = partial(mistakes.peaks, exact, sr, floor_db)
    spacing = sr / 2 / (len(sent) - 1)
    wide = sent.dtype == torch.float64
    got = as_array(frequency, "the frequencies")
    expect_close(got.reshape(0) if got.size == 0 else got, want[0], "the vector of frequencies", rtol=0,
                 atol=(1e-4 if wide else 5e-3) * spacing, mistakes=lambda: table()[0], context=context)
    got = as_array(amplitude, "the amplitudes")
    expect_close(got.reshape(0) if got.size == 0 else got, want[1], "the vector of amplitudes",
                 rtol=1e-6 if wide else 1e-3,
                 atol=0, mistakes=lambda: table()[1], context=context)


def _tones(rng: np.random.Generator, sr: float) -> np.ndarray:
    """Amplitudes of a Hann-windowed frame of a few sinusoids in noise, zero-padded."""
    samples = int(rng.integers(40, 200))
    n, w = np.arange(samples), np.hanning(samples + 1)[:-1]
    x = 0.01 * rng.standard_normal(samples)
    for _ in range(int(rng.integers(1, 4))):
        x += rng.uniform(0.1, 1) * np.cos(2 * np.pi * rng.uniform(0.05, 0.45) * n + rng.uniform(-3, 3))
    return 2 * np.abs(np.fft.rfft(x * w, int(samples * rng.uniform(1, 4)) // 2 * 2)) / w.sum()


def _ladder() -> torch.Tensor:
    """Peaks exactly on bins, on which floors that are taken in different ways leave different numbers of them."""
    levels = np.full(15, -90.0)
    levels[1::2] = [-13.0, 4.0, -25.0, -3.0, -60.0, -8.0, -18.0]
    return torch.from_numpy(10 ** (levels / 20))


def _floor_between(rng: np.random.Generator, spectrum: np.ndarray) -> float:
    """A floor that lies well between the heights of two peaks, and now and then between a bin and its vertex."""
    _, heights = oracle.peaks(spectrum, 2.0, -1000.0)
    heights = np.sort(20 * np.log10(heights))
    if len(heights) < 2 or np.diff(heights).max() < 0.2:
        return -100.0
    gaps = np.flatnonzero(np.diff(heights) > 0.1)
    low = rng.choice(gaps)
    just_below = heights[low + 1] - 0.02  # here the vertex lies above the floor, and often its bin does not
    return float(just_below if rng.random() < 0.5 else heights[low : low + 2].mean())


def _harmonic_frame(rng: np.random.Generator, samples: int, f0: float, sr: float, noise: float) -> np.ndarray:
    basis = oracle.harmonic_basis(samples, f0, sr, 12)
    x = basis @ (rng.standard_normal(basis.shape[1]) / np.arange(1, basis.shape[1] + 1))
    return x + noise * rng.standard_normal(samples)


def _expect_fit(f, sent: torch.Tensor, f0: float, sr: float, harmonics: int) -> None:
    context = f"for {len(sent)} samples, f0={f0:.1f} Hz, sr={sr:g} Hz, {harmonics} harmonics"
    gains, residual = _two(f, f.call(sent, f0, sr, harmonics), "complex amplitudes and the residual", context)
    x = sent.double().numpy()
    want = oracle.harmonic_fit(x, f0, sr, harmonics)
    tolerance = 3e-5 if sent.dtype == torch.float64 else 3e-3  # float64 in, computed in float32: that is right too
    expect_close(gains, want[0], "the vector of complex amplitudes", rtol=tolerance, atol=1e-9, context=context,
                 mistakes=partial(mistakes.gains, x, f0, sr, harmonics))
    expect_close(residual, want[1], "the residual", rtol=0, atol=tolerance * np.abs(x).max() + 1e-9, context=context,
                 mistakes=partial(mistakes.residuals, x, f0, sr, harmonics))


def _expect_none_at_half_the_rate(f, sent: torch.Tensor) -> None:
    """Whoever fits a harmonic at sr/2 solves a singular system, with other numbers on every machine: that one first."""
    context = "for f0=1000 Hz, sr=8000 Hz, 4 harmonics"
    gains, _ = _two(f, f.call(sent, 1000.0, 8000.0, 4), "complex amplitudes and the residual", context)
    gains = as_array(gains, "the vector of complex amplitudes")
    expect(gains.shape != (4,) or not abs(gains[3]) > 1e-6,
           f"harmonic 4 lies at sr/2 exactly {context}: it is not fitted, and its amplitude is 0.")
    _expect_fit(f, sent, 1000.0, 8000.0, 4)


def _expect_sound(f, frequency, amplitude, phase, sr: float, hop: int, dtype: torch.dtype) -> None:
    sent = [torch.from_numpy(v).to(dtype) for v in (frequency, amplitude, phase)]
    exact = [v.double().numpy() for v in sent]
    context = f"for tables of shape {tuple(frequency.shape)}, sr={sr:g} Hz, hop={hop}, {str(dtype)[6:]}"
    expect_close(f.call(*sent, sr, hop), oracle.additive(*exact, sr, hop), "the sound", rtol=0,
                 atol=1e-5 if dtype == torch.float64 else 3e-3, context=context,
                 mistakes=partial(mistakes.additive, *exact, sr, hop))


def _expect_steady(f) -> None:
    """Ten seconds of two steady partials: there the phase is a product, and float32 sums lose their digits."""
    n, pitches, sr = np.arange(160001), torch.tensor([[3210.7], [1234.56]]), 16000.0
    got = f.call(pitches.expand(2, 41).clone(), torch.full((2, 41), 0.5), torch.zeros(2), sr, 4000)
    want = (0.5 * np.cos(2 * np.pi * pitches.double().numpy() / sr * n)).sum(0)
    context = "for 10 seconds of two steady partials in float32"
    samples = as_array(got, "the sound")
    if samples.shape == want.shape and np.abs(want - samples).max() < 0.5:
        context += " (a long sum of phases loses digits in float32: add up in float64)"
    expect_close(got, want, "the sound", rtol=0, atol=5e-4, context=context)


def _two(f, result, names: str, context: str) -> tuple:
    expect(isinstance(result, (tuple, list)) and len(result) == 2,
           f"`{f.name}` should return two things, {names}, {context}; got {describe(result)}.")
    return tuple(result)
