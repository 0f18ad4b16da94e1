"""Checks of unit 02_stft: STFT, decibels, overlap-add conditions, inverse STFT, Griffin-Lim.

Conventions: periodic Hann window, n_fft//2 zeros at both ends, X of shape (…, n_fft//2 + 1, frames), no scaling.
"""

import math
from functools import partial

import numpy as np
import torch
from torch import Tensor

from course_lib.checks import stft_oracle as oracle
from course_lib.checks.core import expect, expect_close, passed, subject, visible_rng
from course_lib.checks.core.values import as_array


def stft(answer, *, rng=None, cases: int = 16) -> None:
    """The short-time Fourier transform with a periodic Hann window and centred frames. (exercise 2.1)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        n_fft, hop = _sizes(rng, case)
        samples = int(rng.integers(1, 6 * n_fft))
        if case % 2:
            # The last frame is easily lost when the samples are a multiple of the hop, or one more or less.
            samples = hop * (samples // hop + 2) + [1, 0, -1][case // 2 % 3]
        x = _signal(rng, case, samples)
        expect_close(
            f.call(x, n_fft, hop), oracle.stft(x, n_fft, hop), "the STFT", rtol=2e-6, atol=1e-6,
            mistakes=partial(_stft_mistakes, x, n_fft, hop),
            context=f"for a signal of shape {tuple(x.shape)}, n_fft={n_fft}, hop={hop}",
        )
    x = torch.from_numpy(rng.standard_normal(3000)).float()
    expect_close(f.call(x), oracle.stft(x, 1024, 256), "the STFT", rtol=2e-6, context="with the defaults, 1024 and 256")
    silent = as_array(f.call(torch.zeros(2, 100), 16, 4))
    expect_close(silent, np.zeros((2, 9, 26), complex), "the STFT of silence")
    passed("stft", f"{cases} random signals (odd lengths, odd n_fft, shorter than a frame, batches) and silence")


def _stft_mistakes(x: Tensor, n_fft: int, hop: int) -> dict:
    want = oracle.stft(x, n_fft, hop)
    bins, frames = want.shape[-2:]
    start = torch.arange(frames) * hop - n_fft // 2
    turn = torch.exp(-2j * math.pi / n_fft * torch.arange(bins)[:, None] * start)
    padded = torch.nn.functional.pad(x.double(), (n_fft // 2, n_fft // 2))
    whole_frame = torch.nn.functional.pad(x.double(), (0, max(0, n_fft - x.shape[-1])))
    mistakes = {
        "the signal was not padded: the first frame is centred on sample 0, so n_fft//2 zeros go before it and after "
        "the end.": oracle.stft(whole_frame, n_fft, hop, center=False),
        "the window is the symmetric one, cos(2πn/(L−1)): frames that overlap need the periodic one, cos(2πn/L).":
            oracle.stft(x, n_fft, hop, window=torch.hann_window(n_fft, periodic=False)),
        "the window was not applied.": oracle.stft(x, n_fft, hop, window=torch.ones(n_fft)),
        "the window was applied twice.": oracle.stft(x, n_fft, hop, window=oracle.hann(n_fft) ** 2),
        "the last frame is missing: there are 1 + (padded samples − n_fft) // hop frames.": want[..., :-1],
        "the first frame is missing.": want[..., 1:],
        "the phase counts from sample 0 of the signal, as in the lecture's formula; here it counts from the start of "
        "each frame.": want * turn,
        "bins and frames are swapped: the shape is (…, bins, frames).": want.mT,
        "all n_fft bins are there: a real signal needs the first n_fft//2 + 1 only (rfft).":
            torch.fft.fft(padded.unfold(-1, n_fft, hop) * oracle.hann(n_fft)).mT,
        "every frame starts n_fft samples after the last: frames start every `hop` samples.":
            oracle.stft(x, n_fft, n_fft),
    }
    if x.shape[-1] > n_fft // 2:
        mistakes["the ends were padded by reflection: the card asks for zeros."] = oracle.stft(
            x, n_fft, hop, pad_mode="reflect"
        )
    return mistakes


def decibels(answer, *, rng=None, cases: int = 12) -> None:
    """Level relative to the largest magnitude, limited below. (exercise 2.2)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        shape, floor = (int(rng.integers(1, 9)), int(rng.integers(2, 9))), float(rng.choice([-80, -60, -37.5]))
        spread = 10 ** (rng.uniform(-6, 0, shape) + rng.uniform(-2, 2))
        X = torch.from_numpy(spread * np.exp(2j * np.pi * rng.random(shape)))
        X = torch.cat([X, torch.zeros_like(X)]) if case % 3 == 2 else X
        X = X.to([torch.complex64, torch.complex128][case % 2])
        exact = X.abs().double()
        level = 20 * torch.log10(exact / exact.max())
        want = level.clamp(min=floor)
        expect_close(
            f.call(X, floor), want, "the level in dB", rtol=0, atol=1e-3, context=f"for floor={floor:g}",
            mistakes={
                "the factor is 10: 20·log10 for a magnitude, 10·log10 for a power.": (level / 2).clamp(min=floor),
                "it is the level of the squared magnitude: 10·log10|X|² or 20·log10|X|, not both.":
                    (2 * level).clamp(min=floor),
                "it is the natural logarithm: decibels need log10.": (level * math.log(10)).clamp(min=floor),
                "0 dB is a magnitude of 1: the card asks for the largest magnitude as the reference.":
                    (20 * torch.log10(exact)).clamp(min=floor),
                "the floor was not applied.": level,
                "0 dB is the largest value of each frame: take the maximum over the whole spectrogram.":
                    lambda e=exact, b=floor: (20 * torch.log10(e / e.amax(0))).clamp(min=b),
                "the floor counts from a magnitude of 1: it is relative to the largest magnitude.":
                    (20 * torch.log10(exact)).clamp(min=floor) - 20 * torch.log10(exact.max()),
            },
        )
    silent = as_array(f.call(torch.zeros(3, 4, dtype=torch.complex64)), "the level of silence")
    expect(not np.isnan(silent).any(), "silence gives NaN: 0/0. Its largest magnitude is zero; the card asks for the "
           "floor everywhere.")
    expect_close(silent, np.full((3, 4), -80.0), "the level of silence")
    passed("decibels", f"{cases} random spectrograms with three floors, and silence")


def overlap_ripple(answer, *, rng=None, cases: int = 24) -> None:
    """How far overlapping windows are from adding up to a constant. (exercise 2.3)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        length, hop = int(rng.integers(3, 60)), int(rng.integers(1, 40))
        if case % 3 == 2:
            hop = max(length // int(rng.integers(2, 5)), 1)
        if case == 0:
            hop = 2 * length // 3  # a clear ripple first: small ones fit several mistakes
        w = [torch.hann_window(length, dtype=torch.float64), torch.hamming_window(length, dtype=torch.float64),
             torch.from_numpy(rng.random(length) + 0.01)][int(rng.integers(3))]
        v = w.numpy()
        sums = np.array([v[start::hop].sum() for start in range(hop)])
        expect_close(
            f.call(w, hop), oracle.overlap_ripple(v, hop), "the ripple", rtol=0, atol=1e-6,
            context=f"for a window of {length} samples and hop={hop}",
            mistakes={
                "the ends were counted: there the sum still rises or falls. Look at one hop in the middle.":
                    lambda v=v, h=hop: oracle.ramp_ripple(v, h, 4 * (len(v) // h) + 8),
                "the window was squared: COLA is about the sum of the window itself.":
                    oracle.overlap_ripple(v * v, hop),
                "it is max − min, not yet divided by the maximum.": sums.max() - sums.min(),
                "it was divided by the mean, the card divides by the maximum.": np.ptp(sums) / sums.mean(),
                "it is min/max: the ripple is 0 for a constant sum, (max − min)/max.": sums.min() / sums.max(),
                "windows reach over more than two hops: every copy that touches the hop counts, not only neighbours.":
                    lambda v=v, h=hop: _two_copies_ripple(v, h),
                "copies that start in the middle of the hop are missing, or hop is off by one.":
                    oracle.overlap_ripple(v, hop + 1),
            },
        )
    passed("overlap_ripple", f"{cases} windows and hops: constant sums, ripples, and gaps where hop > length")


def _two_copies_ripple(w: np.ndarray, hop: int) -> float:
    padded = np.concatenate([w, np.zeros(max(2 * hop - len(w), 0))])
    total = padded[:hop] + padded[hop : 2 * hop]
    return float((total.max() - total.min()) / total.max())


def istft(answer, *, rng=None, cases: int = 16) -> None:
    """The least-squares inverse of the STFT: exact on a true STFT, the nearest signal otherwise. (exercise 2.4)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        n_fft = int(rng.integers(4, 33)) if case % 2 else int(2 * rng.integers(2, 17))
        hop = int(rng.integers(1, n_fft // 2 + 1))
        x = _signal(rng, case, int(rng.integers(n_fft, 8 * n_fft)))
        X = oracle.stft(x, n_fft, hop)
        kind = "a true STFT"
        if case % 4 >= 2:
            kind = "an STFT that was changed (no signal has it)"
            X = X * torch.from_numpy(rng.random(X.shape))
        X = X.to(torch.complex64 if x.dtype == torch.float32 else torch.complex128)
        length = x.shape[-1]
        expect_close(
            f.call(X, n_fft, hop, length), oracle.istft(X, n_fft, hop, length), "the signal", rtol=2e-5, atol=1e-6,
            mistakes=partial(_istft_mistakes, X, n_fft, hop, length),
            context=f"from {kind} of shape {tuple(X.shape)}, n_fft={n_fft}, hop={hop}, length={length}",
        )
    silent = as_array(f.call(torch.zeros(1, 9, 5, dtype=torch.complex64), 16, 8, 32))
    expect_close(silent, np.zeros((1, 32)), "the signal of a silent STFT")
    passed("istft", f"{cases} signals rebuilt to float32 precision, changed STFTs by least squares, silence")


def _istft_mistakes(X: Tensor, n_fft: int, hop: int, length: int) -> dict:
    def add(**choices) -> Tensor:
        given = {"synthesis": True, "divide": "w2", "center": n_fft // 2, "length": length} | choices
        return oracle.overlap_add(X, n_fft, hop, **given)

    mistakes = {
        "the sum of the squared windows was not divided out.": add(divide="none"),
        "frames were added without the window and without dividing: overlapping frames count several times.":
            add(synthesis=False, divide="none"),
        "the synthesis window is missing: least squares multiplies each frame by the window again, then divides by "
        "the overlapped w².": add(synthesis=False, divide="w"),
        "the synthesis window is missing: the frames were added as they are and divided by the overlapped w².":
            add(synthesis=False),
        "it was divided by the overlapped w: frames carry the window twice (analysis and synthesis), so divide by "
        "the overlapped w².": add(divide="w"),
        "the padding at the start is still there: drop the first n_fft//2 samples.": add(center=0),
        "the start is one sample off: drop n_fft//2 samples.": add(center=n_fft // 2 + 1),
        "n_fft samples were dropped at the start: the padding there is n_fft//2.": add(center=n_fft),
        "the end is still there: cut to `length` samples.": oracle.overlap_add(
            X, n_fft, hop, synthesis=True, divide="w2", center=n_fft // 2,
            length=(X.shape[-1] - 1) * hop + n_fft - n_fft // 2),
        "the phases are conjugated, so each frame runs backwards: check the sign in the exponent.":
            oracle.istft(X.conj(), n_fft, hop, length),
    }
    if n_fft % 2:
        mistakes["irfft made frames of n_fft − 1 samples: 513 bins may come from 1024 or 1025 samples, so pass n=n_fft."
                 ] = oracle.istft(X, n_fft - 1, hop, length) if hop <= (n_fft - 1) // 2 else 0.0
    return mistakes


def griffin_lim(answer, *, rng=None, cases: int = 8) -> None:
    """Alternating projections from a given starting phase. (exercise 2.5)"""
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
            mistakes=partial(_griffin_lim_mistakes, magnitude, phase, hop, iterations, steps),
            context=f"for a magnitude of shape {tuple(magnitude.shape)}, hop={hop} and {iterations} iterations",
        )
    passed("griffin_lim", f"{cases} magnitudes, 0 to 5 iterations, silence inside, batches")


def _griffin_lim_mistakes(magnitude: Tensor, phase: Tensor, hop: int, iterations: int, steps: list[Tensor]) -> dict:
    mistakes = {
        "it is one iteration too many: with iterations=0 the answer is the inverse STFT with the starting phase.":
            steps[iterations + 1],
        "the magnitude was squared: the target is |X|, not the power.":
            oracle.griffin_lim(magnitude**2, phase, hop, iterations)[-1],
        "the starting phase is not used.": oracle.griffin_lim(magnitude, 0 * phase, hop, iterations)[-1],
        "the starting phase has the wrong sign: e^{+i·phase}.":
            oracle.griffin_lim(magnitude, -phase, hop, iterations)[-1],
    }
    if iterations:
        mistakes = {
            "nothing changes from one iteration to the next. Either the new phase is never used, or the magnitude of "
            "the estimate was kept: each iteration must put the TARGET magnitude back and keep only the phase.":
                steps[0],
            "it is one iteration too few.": steps[iterations - 1],
        } | mistakes
    return mistakes


def _sizes(rng: np.random.Generator, case: int) -> tuple[int, int]:
    """A small n_fft, odd every third time, and a hop up to n_fft."""
    n_fft = int(2 * rng.integers(2, 20)) + (case % 3 == 2)
    return n_fft, int(rng.integers(1, n_fft + 1))


def _signal(rng: np.random.Generator, case: int, samples: int) -> Tensor:
    """Noise: single, batch of one, batches; float32 and float64; every fifth one not contiguous in memory."""
    batch = [(), (1,), (2,), (2, 3)][case // 2 % 4]
    x = torch.from_numpy(rng.standard_normal((*batch, samples))).to([torch.float32, torch.float64][case % 2])
    if case % 5 == 4 and batch:
        x = x.movedim(-1, 0).contiguous().movedim(0, -1)
    return x
