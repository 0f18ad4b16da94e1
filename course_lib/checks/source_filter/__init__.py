"""Checks of unit 05_source_filter: cepstral envelope, linear prediction, formants, cross-synthesis.

Conventions: A(z) = 1 + Σ a_k z^-k, the leading 1 not among the coefficients; autocorrelations are sums, not means;
envelopes are natural logarithms of magnitudes.
"""

import math
from functools import partial

import numpy as np
import scipy.signal
import torch
from torch import Tensor

from course_lib.checks.core import CheckFailed, expect, expect_close, passed, subject, visible_rng
from course_lib.checks.core.values import as_array, describe
from course_lib.checks.source_filter import mistakes, oracle, prediction

FIRST_FRAMES = ((24, 32, 5), (33, 33, 6), (20, 31, 4), (40, 40, 20), (9, 16, 1))
"""Samples, n_fft, cutoff of the first envelopes: padded, odd, padded to odd, the largest cutoff, the smallest."""


def cepstral_envelope(answer, *, rng=None, cases: int = 16) -> None:
    """The slow part of the log spectrum: E = DFT(W·IDFT(log|DFT x|)). (exercise 5.1)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        samples, n_fft, cutoff = FIRST_FRAMES[case] if case < len(FIRST_FRAMES) else _frame_sizes(rng)
        x = _signal(rng, case, samples)
        if case == 3:
            x = _impulse(x)
        double = x.double().numpy()
        got = as_array(f.call(x, cutoff, n_fft), "the envelope")
        expect(not np.iscomplexobj(got), "the envelope should be real, got complex numbers. The log spectrum of a real "
               "frame is even, so its transforms are real but for rounding: take `.real`.")
        expect_close(
            got, oracle.envelope(double, cutoff, n_fft), "the envelope",
            rtol=1e-7, atol=1e-7 if x.dtype == torch.float64 else 1e-4 + _rounding(
                lambda x, cutoff=cutoff, n_fft=n_fft: oracle.envelope(x.numpy(), cutoff, n_fft), x),
            mistakes=partial(mistakes.envelope, double, cutoff, n_fft),
            context=f"for frames of shape {tuple(x.shape)}, cutoff={cutoff}, n_fft={n_fft}",
        )
    silent = torch.cat([torch.zeros(1, 12, dtype=torch.float64), torch.from_numpy(rng.standard_normal((1, 12)))])
    got = as_array(f.call(silent, 4, 16), "the envelope")
    expect(np.isfinite(got).all(), "the envelope of silence is not finite: the log of zero is −∞, and −∞ times 0 is "
           "NaN. Limit |X| below at 1e-10 before the logarithm.")
    expect_close(
        got, oracle.envelope(silent.numpy(), 4, 16), "the envelope", rtol=1e-6,
        context="of a silent frame beside a noisy one (|X| below 1e-10 counts as 1e-10)",
    )
    passed("cepstral_envelope", f"{cases} frames (odd lengths, zero-padding, batches, an impulse) and silence")


def lpc(answer, *, rng=None, cases: int = 16) -> None:
    """Linear prediction by the autocorrelation method, and the error of every order. (exercise 5.3)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        order, samples = _prediction_sizes(rng, case)
        x = _coloured(rng, _signal(rng, case, samples)) * (1e-3 if case % 8 == 3 else 1)  # −60 dB is no silence
        if case == 2:
            x = torch.cat([x.reshape(-1, samples), torch.zeros(1, samples, dtype=x.dtype)])
        double, context = x.double().numpy(), f"for frames of shape {tuple(x.shape)} and order {order}"
        a, error = _two(_predicted(f, x, order), context)
        want_a, want_error = oracle.lpc(double, order)
        # Coefficients are of order 1: what should be 0 may be off by the rounding of the precision.
        tolerance, rounding = (1e-6, 1e-9) if x.dtype == torch.float64 else (2e-3, 1e-5)
        expect_close(a, want_a, "the list of coefficients", rtol=tolerance, atol=rounding, context=context,
                     mistakes=partial(prediction.coefficients, double, order))
        expect_close(error, want_error, "the prediction error", rtol=tolerance, atol=0, context=context,
                     mistakes=partial(prediction.errors, double, order))
    _silence_is_predicted(f)
    passed("lpc", f"{cases} frames: batches, frames shorter than the order, soft frames, silence among sound")


def formants(answer, *, rng=None, cases: int = 16) -> None:
    """Frequencies and bandwidths of the resonances, from the roots of A(z). (exercise 5.4)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        sr = float(rng.choice([8000, 11025, 16000, 22050]))
        limit = float(rng.choice([300, 500, 700]))
        z = _poles(rng, sr, limit, case)
        a = np.poly(np.concatenate([z, z[z.imag != 0].conj()])).real[1:]
        upper = z[z.imag > 0]
        want = np.stack([np.angle(upper) * sr / (2 * math.pi), -np.log(np.abs(upper)) * sr / math.pi], -1)
        want = want[want[:, 1] <= limit]
        want = want[np.argsort(want[:, 0])]
        sent = a if case % 2 else torch.from_numpy(a)
        context = f"for {len(a)} coefficients, sr={sr:g}, max_bandwidth={limit:g}"
        got = as_array(f.call(sent, sr, limit), "the list of formants")
        expect_close(got.reshape(0, 2) if got.size == 0 else got, want, "the list of formants", rtol=0, atol=0.05,
                     context=context, mistakes=partial(mistakes.formants, a, sr, limit))
    passed("formants", f"{cases} filters with resonances, broad poles, real poles, and without any resonance")


def cross_synthesis(answer, *, rng=None, cases: int = 8) -> None:
    """The envelope of the modulator on the flattened spectrum of the carrier. (exercise 5.5)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        n_fft = int(rng.choice([16, 32, 64]))
        hop, cutoff = n_fft // int(rng.choice([2, 4])), int(rng.integers(2, n_fft // 4 + 1))
        samples = int(rng.integers(3 * n_fft, 8 * n_fft))
        samples += samples % hop == 0  # else the default length of the inverse would be right by luck
        carrier, modulator = (_coloured(rng, _signal(rng, case, samples)) for _ in range(2))
        if case % 3 == 2:
            carrier[..., : samples // 2] = 0
        if case % 4 == 3:
            modulator[..., samples // 2 :] = 0
        made = partial(oracle.cross_synthesis, cutoff=cutoff, n_fft=n_fft, hop=hop)
        wide = carrier.dtype == torch.float64
        expect_close(
            f.call(carrier, modulator, cutoff, n_fft, hop), made(carrier, modulator), "the sound",
            rtol=1e-6 if wide else 2e-3, atol=1e-7 if wide else _rounding(made, carrier, modulator),
            mistakes=partial(mistakes.cross_synthesis, carrier, modulator, cutoff, n_fft, hop),
            context=f"for sounds of shape {tuple(carrier.shape)}, cutoff={cutoff}, n_fft={n_fft}, hop={hop}",
        )
    passed("cross_synthesis", f"{cases} pairs of sounds, silence in the carrier and in the modulator, batches")


def _silence_is_predicted(f) -> None:
    context = "for a frame of silence (the card asks for zeros)"
    for dtype in (torch.float32, torch.float64):
        a, error = _two(f.call(torch.zeros(2, 30, dtype=dtype), 4), context)
        expect_close(a, np.zeros((2, 4)), "the coefficients", context=context)
        expect_close(error, np.zeros((2, 5)), "the prediction error", context=context)


def _predicted(f, x: Tensor, order: int):
    """The answer's result; a crash on a frame shorter than the order is explained."""
    try:
        return f.call(x, order)
    except CheckFailed as error:
        if "tensor a (0) must match" in error.message:
            raise CheckFailed(f"{error}\nThe slice [:-k] is empty for k = 0: lag 0 needs the whole frame.") from None
        if x.shape[-1] > order:
            raise
        raise CheckFailed(f"{error}\nThis frame is shorter than the order: lags beyond it are 0 (a slice with a "
                          "negative end counts from the back).") from None


def _prediction_sizes(rng: np.random.Generator, case: int) -> tuple[int, int]:
    """Order and samples; every fifth frame is shorter than the order, half of those by a few samples only."""
    order = (3, 1, 2, 6)[case] if case < 4 else int(rng.integers(1, 13))
    if case % 10 == 4:
        return max(order, 8), int(rng.integers(3, 7))  # one or two samples would broadcast where slices differ
    return order, int(rng.integers(40, 200)) if case % 5 != 4 else int(rng.integers(1, order + 1))


def _rounding(want, *signals: Tensor) -> float:
    """How far float32 rounding may move what `want` gives: a bin that is zero by chance has an uncertain logarithm."""
    rng, exact, moved = np.random.default_rng(0), np.asarray(want(*(x.double() for x in signals))), 0.0
    for _ in range(3):
        noisy = [x.double() * (1 + 1e-7 * torch.from_numpy(rng.standard_normal(x.shape))) for x in signals]
        moved = max(moved, float(np.abs(np.asarray(want(*noisy)) - exact).max()))
    return 20 * moved


def _two(result, context: str) -> tuple:
    expect(
        isinstance(result, (tuple, list)) and len(result) == 2,
        f"`lpc` should return two things, the coefficients and the errors, {context}; got {describe(result)}.",
    )
    return tuple(result)


def _poles(rng: np.random.Generator, sr: float, limit: float, case: int) -> np.ndarray:
    """Upper poles, well apart: narrow ones, one broader than the limit, real ones; every fifth case none narrow.

    Every other case has a resonance near 100 Hz. The real poles lie close to the circle: they are no narrower than a
    resonance, and must be told by their angle.
    """
    count = 0 if case % 5 == 3 else int(rng.integers(1, 5)) if case else 3
    frequency = (np.arange(count) + rng.uniform(0.2, 0.8, count)) * sr / 2 / (count + 1)
    if count and case % 2:
        frequency[0] = rng.uniform(80, 140)
    bandwidth = rng.uniform(0.1, 0.9, count) * limit
    z = list(np.exp(-np.pi * bandwidth / sr + 2j * np.pi * frequency / sr))
    if case % 2 == 0 or not count:
        broad = rng.uniform(1.2, 1.8) * limit
        z.append(np.exp(-np.pi * broad / sr + 2j * np.pi * rng.uniform(0.42, 0.48)))
    if case % 3 != 1:
        z += [complex(sign * np.exp(-np.pi * rng.uniform(0.1, 0.8) * limit / sr)) for sign in (1, -1)]
    return np.array(z)


def _frame_sizes(rng: np.random.Generator) -> tuple[int, int, int]:
    samples = int(rng.integers(8, 60))
    n_fft = samples + int(rng.integers(0, 20)) * int(rng.integers(0, 2))
    return samples, n_fft, int(rng.integers(2, n_fft // 2))


def _impulse(x: Tensor) -> Tensor:
    """One sample of 0.5 in each signal: its spectrum is flat."""
    x = torch.zeros_like(x)
    x[..., x.shape[-1] // 3] = 0.5
    return x


def _coloured(rng: np.random.Generator, x: Tensor) -> Tensor:
    """Noise through a random resonance, so that there is something to predict."""
    pole = rng.uniform(0.5, 0.9) * np.exp(1j * rng.uniform(0.3, 2.8))
    y = scipy.signal.lfilter([1.0], np.poly([pole, pole.conjugate()]).real, x.double().numpy(), axis=-1)
    return torch.from_numpy(y).to(x.dtype)


def _signal(rng: np.random.Generator, case: int, samples: int) -> Tensor:
    """Noise: single, batch of one, batches; float32 and float64; every fifth one not contiguous in memory."""
    batch = [(), (1,), (2,), (2, 3)][case // 2 % 4]
    x = torch.from_numpy(rng.standard_normal((*batch, samples))).to([torch.float32, torch.float64][case % 2])
    if case % 5 == 4 and batch:
        x = x.movedim(-1, 0).contiguous().movedim(0, -1)
    return x
