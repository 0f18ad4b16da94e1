"""Checks of unit 04_features: zero crossings, Fant's mel scale, mel filterbank, MFCC, cross-validation without leaks.

Conventions: 0 counts as positive; triangles have height 1 and are straight in hertz; a filterbank is (filters, bins);
MFCC = orthonormal DCT-II of ln(band power + 1e-6).
"""

import math
from functools import partial

import numpy as np
import torch
from torch import Tensor

from course_lib.checks.core import as_array, expect, expect_close, passed, subject, visible_rng
from course_lib.checks.features import mistakes, oracle
from course_lib.checks.features.folds import cross_validate

__all__ = ["cross_validate", "fant", "mel_filterbank", "mfcc", "zero_crossing_rate"]

FIRST_FRAMES = ((2, 1), (5, 2), (16, 16), (9, 4))
"""Length and hop of the first zero-crossing cases: the shortest frame, odd, without overlap."""
FIRST_BANKS = ((10, 512, 16000.0, 0.0, 8000.0, "fant"), (1, 101, 8000.0, 100.0, 3500.0, "htk"),
               (7, 257, 11025.0, 300.0, 4000.0, "slaney"), (5, 64, 8000.0, 0.0, 4000.0, "htk"))
"""Arguments of the first banks: a plain one, a single filter, odd n_fft, few bins."""


def zero_crossing_rate(answer, *, rng=None, cases: int = 16) -> None:
    """The share of neighbouring samples with different signs, per frame. (exercise 4.1)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        length, hop = FIRST_FRAMES[case] if case < len(FIRST_FRAMES) else (
            int(rng.integers(2, 40)), int(rng.integers(1, 20)))
        samples = length + int(rng.integers(0, 100)) * (case % 7 != 6)
        x = _noise(rng, case, samples)
        if case % 3 != 1:  # whole numbers: many samples are exactly 0, which is where definitions part
            x = (2 * x).round()
            x = torch.where(x == 0, torch.zeros_like(x), x)  # no −0.0: it has a case of its own below
        double = x.double().numpy()
        expect_close(
            f.call(x, length, hop), oracle.zero_crossing_rate(double, length, hop), "the zero-crossing rate",
            mistakes=partial(mistakes.zero_crossing_rate, double, length, hop),
            context=f"for signals of shape {tuple(x.shape)}, length={length}, hop={hop}",
        )
    x = (2 * _noise(rng, 1, 60)).round()
    x = torch.cat([torch.tensor([1.0, -0.0, 1.0, -0.0, 1.0], dtype=x.dtype), torch.where(x == 0, -x.abs(), x)])
    double = x.numpy()
    expect_close(
        f.call(x, 5, 5), oracle.zero_crossing_rate(double, 5, 5), "the zero-crossing rate",
        mistakes=partial(mistakes.zero_crossing_rate, double, 5, 5), context="of whole numbers, some of them −0.0",
    )
    silent = torch.zeros(2, 30)
    expect_close(f.call(silent, 10, 5), np.zeros((2, 5)), "the zero-crossing rate", context="of silence")
    passed("zero_crossing_rate", f"{cases} signals (zeros, offsets, odd frames, batches), −0.0 and silence")


def fant(answer, *, rng=None, cases: int = 16) -> None:
    """Fant's mel scale and its inverse. (exercise 4.2)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        inverse, dtype = bool(case % 2), [torch.float32, torch.float64][case // 2 % 2]
        shape = [(5,), (1,), (2, 3), ()][case // 4 % 4]
        value = torch.from_numpy(np.asarray(rng.uniform(0, [20000, 4000][inverse], shape))).to(dtype)
        if case < 2:
            value = torch.tensor([0.0, 20.0, 440.0, 1000.0, 3000.0], dtype=dtype)
        double = value.double().numpy()
        want = oracle.to_hz(double, "fant") if inverse else oracle.to_mel(double, "fant")
        given = (value, True) if inverse else (value,) if case % 3 else (value, False)
        expect_close(
            f.call(*given), want, "the frequency" if inverse else "the mel", rtol=2e-6, atol=1e-3 if case < 2 else 1e-4,
            mistakes=partial(mistakes.fant, double, inverse),
            context=f"for {np.round(double.ravel()[:3], 1).tolist()} {'mel' if inverse else 'Hz'}"
                    f"{', inverse=True' if inverse else ''}",
        )
    double = torch.from_numpy(rng.uniform(0, 20000, 50))
    back = f.call(torch.from_numpy(as_array(f.call(double), "the mel")), True)
    expect_close(back, double.numpy(), "the frequency", rtol=1e-9, atol=1e-9, context="after going there and back")
    passed("fant", f"{cases} sets of frequencies and mel, and there and back to 1e-9")


def mel_filterbank(answer, *, rng=None, cases: int = 12) -> None:
    """Triangles, equally spaced on a mel scale. (exercise 4.3)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        arguments = FIRST_BANKS[case] if case < len(FIRST_BANKS) else _bank(rng)
        n_mels, n_fft, sr, f_min, f_max, scale = arguments
        expect_close(
            f.call(*arguments), oracle.mel_filterbank(*arguments), "the filterbank", rtol=3e-4, atol=0,
            mistakes=partial(mistakes.mel_filterbank, *arguments),
            context=f"for n_mels={n_mels}, n_fft={n_fft}, sr={sr:g}, {f_min:.0f} to {f_max:.0f} Hz, scale={scale!r}",
        )
    n_mels, n_fft, sr, f_min, f_max, _ = FIRST_BANKS[0]
    expect_close(
        f.call(n_mels, n_fft, sr, f_min, f_max), oracle.mel_filterbank(*FIRST_BANKS[0]), "the filterbank", rtol=3e-4,
        atol=0, mistakes=partial(mistakes.mel_filterbank, *FIRST_BANKS[0]), context="with the default scale, 'fant'",
    )
    passed("mel_filterbank", f"{cases} banks: three scales, odd n_fft, one filter, edges between the bins")


def mfcc(answer, *, rng=None, cases: int = 12) -> None:
    """STFT, power, filterbank, logarithm, DCT. (exercise 4.5)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        sr = float(rng.choice([8000, 16000, 22050]))
        n_fft, n_mels = int(rng.choice([128, 200, 256])), int(rng.integers(8, 24))
        hop, n_mfcc = int(rng.integers(30, n_fft)), n_mels if case % 4 == 3 else int(rng.integers(2, n_mels))
        samples = n_fft // 3 if case == 5 else int(rng.integers(n_fft, 4 * n_fft))
        x = (10.0 ** rng.uniform(-4.5, 0) if case else 1e-4) * _noise(rng, case, samples)  # soft: the offset counts
        if case == 2:  # half silence, half noise
            x[..., : samples // 2] = 0
        double = x.double().numpy()
        sizes = (sr, n_mfcc, n_mels, n_fft, hop)
        expect_close(
            _finite(f.call(x, *sizes)), oracle.mfcc(double, *sizes), "the MFCC matrix",
            rtol=2e-5, atol=1e-6 if x.dtype == torch.float64 else 5e-3,
            mistakes=partial(mistakes.mfcc, double, *sizes),
            context=f"for signals of shape {tuple(x.shape)}, sr={sr:g}, n_mfcc={n_mfcc}, n_mels={n_mels}, "
                    f"n_fft={n_fft}, hop={hop}",
        )
    got = _finite(f.call(torch.zeros(1000, dtype=torch.float64), 8000.0, 4, 10, 128, 50))
    want = np.zeros((4, 21))
    want[0] = math.sqrt(10) * math.log(1e-6)
    expect_close(got, want, "the MFCC matrix", context="of silence (n_mels=10: √10 · ln 1e-6, then zeros)")
    x = _noise(rng, 1, 2000)
    want = oracle.mfcc(x.double().numpy(), 16000.0, 13, 40, 512, 160)
    expect_close(f.call(x, 16000.0), want, "the MFCC matrix", rtol=2e-5, atol=1e-6,
                 context="with the defaults, n_mfcc=13, n_mels=40, n_fft=512, hop=160")
    passed("mfcc", f"{cases} signals (short, batches, all coefficients, loud and soft), silence, the defaults")


def _finite(result) -> np.ndarray:
    got = as_array(result, "the MFCC matrix")
    expect(np.isfinite(got).all(), "the MFCCs of silence are not finite: the log of zero is −∞, and −∞ times a cosine "
           "is ±∞. Add 1e-6 to the bands before the logarithm.")
    return got


def _bank(rng: np.random.Generator) -> tuple[int, int, float, float, float, str]:
    sr = float(rng.choice([8000, 16000, 22050, 44100]))
    f_min, f_max = float(rng.uniform(0, 300)) * rng.integers(0, 2), sr / 2 * float(rng.uniform(0.7, 1.0))
    n_mels, n_fft = int(rng.integers(2, 40)), int(rng.integers(200, 1200))
    return n_mels, n_fft, sr, float(f_min), f_max, str(rng.choice(["fant", "htk", "slaney"]))


def _noise(rng: np.random.Generator, case: int, samples: int) -> Tensor:
    """Noise with an offset: single, batch of one, batches; float32 and float64; some not contiguous in memory."""
    batch = [(), (1,), (2,), (2, 3)][case // 2 % 4]
    x = rng.standard_normal((*batch, samples)) + 0.3 * rng.standard_normal()
    x = torch.from_numpy(x).to([torch.float32, torch.float64][case % 2])
    if case % 5 == 4 and batch:
        x = x.movedim(-1, 0).contiguous().movedim(0, -1)
    return x
