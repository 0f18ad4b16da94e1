"""What usual mistakes in unit 05_source_filter would give: tables for `mistakes=`, computed when needed."""

import math

import numpy as np
import torch
from torch import Tensor

from course_lib.checks.source_filter import oracle


def envelope(x: np.ndarray, cutoff: int, n_fft: int) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`."""
    want, log_magnitude = oracle.envelope(x, cutoff, n_fft), oracle.log_spectrum(x, n_fft)
    c, q = oracle.cepstrum(log_magnitude), np.arange(n_fft)
    distance, bins = np.minimum(q, n_fft - q), n_fft // 2 + 1

    hint = " A slice c[-0:] is all of c." if cutoff == 1 else (
        " Does the slice cut the last axis, c[..., cutoff:]? The first counts frames." if x.ndim > 1 else "")

    def kept(mask: np.ndarray) -> np.ndarray:
        return np.fft.fft(c * mask).real[..., :bins]

    table = {
        "the mirror image of the cepstrum was cut off: c[n_fft − q] = c[q], so keep both ends, q < cutoff and "
        "q > n_fft − cutoff.": kept(q < cutoff),
        "one quefrency too many is kept at the upper end: c[-cutoff:] begins at quefrency `cutoff`.":
            kept((q < cutoff) | (q >= n_fft - cutoff)),
        "one quefrency too many is kept: `cutoff` itself counts as fast.": kept(distance <= cutoff),
        "one quefrency too few is kept: the last slow one is cutoff − 1.": kept(distance < cutoff - 1),
        "the fast part was kept: the envelope is the slow one, below `cutoff`.": kept(distance >= cutoff),
        "quefrency 0, the mean level, was dropped.": kept((distance < cutoff) & (q > 0)),
        f"nothing was liftered: it is the log spectrum itself.{hint}": log_magnitude[..., :bins],
        "the mirror image was cut off and the rest doubled: quefrency 0 has no mirror image, and counts once.":
            kept(2.0 * (q < cutoff)).real,
        "the mirror image was cut off, and the magnitude taken of what became complex: keep both ends instead.":
            np.abs(np.fft.fft(c * (q < cutoff)))[..., :bins],
        "the lifter was put on the log spectrum: it belongs on the cepstrum, between an inverse DFT and a DFT.":
            (log_magnitude * (distance < cutoff))[..., :bins],
        "it is the logarithm to base 10: the card asks for the natural one.": want / math.log(10),
        "it is in decibels: the card asks for the natural logarithm of the magnitude.": 20 * want / math.log(10),
        "it is the log of the power |X|²: the card asks for log|X|.": 2 * want,
        "it is the magnitude: the card asks for its logarithm, so leave out the last exp.": np.exp(want),
        "the magnitude was smoothed without its logarithm: source and filter add up in the log only.":
            np.fft.fft(oracle.cepstrum(np.exp(log_magnitude)) * (distance < cutoff)).real[..., :bins],
        "the frame was windowed again: it comes windowed already.":
            oracle.envelope(x * np.hanning(x.shape[-1] + 1)[:-1], cutoff, n_fft),
        "all n_fft bins are there: the first n_fft//2 + 1 are asked for.": np.fft.fft(c * (distance < cutoff)).real,
        "1 was added before the logarithm: limit |X| below at 1e-10 instead.":
            np.fft.fft(oracle.cepstrum(np.log1p(np.exp(log_magnitude))) * (distance < cutoff)).real[..., :bins],
    }
    if x.shape[-1] < n_fft and cutoff <= x.shape[-1] // 2:
        table["n_fft was not used: the frame is zero-padded to n_fft samples before its DFT."] = oracle.envelope(
            x, cutoff, x.shape[-1]
        )
    if n_fft % 2:
        even = np.fft.irfft(log_magnitude[..., :bins])  # n_fft − 1 values
        q = np.arange(n_fft - 1)
        low = even * (np.minimum(q, n_fft - 1 - q) < cutoff)
        table["irfft made n_fft − 1 quefrencies: pass n=n_fft, which may be odd."] = np.fft.rfft(low).real
    return table


def formants(a: np.ndarray, sr: float, limit: float) -> dict:
    """Sentence → value: (n, 2) arrays of frequency and bandwidth."""
    z = np.roots(np.concatenate([[1.0], a]))

    def table_of(z: np.ndarray, *, f=1 / (2 * np.pi), b=1 / np.pi, low=0.0, high=limit, rising=True) -> np.ndarray:
        frequency, bandwidth = np.angle(z) * sr * f, -np.log(np.maximum(np.abs(z), 1e-12)) * sr * b
        keep = (bandwidth > low) & (bandwidth <= high)
        pairs = np.stack([frequency[keep], bandwidth[keep]], -1)
        return pairs[np.argsort(pairs[:, 0], kind="stable")] if rising else pairs

    def upper_half(z: np.ndarray) -> np.ndarray:
        return z[z.imag > 1e-9]

    upper = upper_half(z)
    want = table_of(upper)
    real_too = z[z.imag > -1e-9]
    return {
        "both poles of each pair are there: keep the one with a positive imaginary part.":
            table_of(z[np.abs(z.imag) > 1e-9]),
        "poles with a negative imaginary part were kept: take the positive ones.": table_of(z[z.imag < -1e-9]),
        "real poles were kept: they are no resonances, they tilt the spectrum.": table_of(real_too),
        "real poles below 0 were kept: their angle is π, which is above 0, but they are no resonances. Ask for a "
        "positive imaginary part.": table_of(z[(z.imag > 1e-9) | ((np.abs(z.imag) < 1e-9) & (z.real < 0))]),
        "low resonances were left out: only the bandwidth decides what is left out.": want[want[:, 0] > 200],
        "both poles of each pair are there, with the absolute value of the angle: keep one of them.":
            np.repeat(want, 2, axis=0),
        "broad poles were kept: leave out what is wider than max_bandwidth.": table_of(upper, high=np.inf),
        "the bandwidth is half of the right one: −ln r · sr/π.": table_of(upper, b=1 / (2 * np.pi)),
        "the bandwidth is twice the right one: −ln r · sr/π, one ln r for the whole width.":
            table_of(upper, b=2 / np.pi),
        "the bandwidth is made of log10: a pole decays as r^n = e^(n ln r), so take the natural logarithm.":
            table_of(upper, b=1 / np.pi / np.log(10)),
        "the bandwidth is made of 1 − r, which is close to −ln r for narrow poles only.": table_of(
            np.exp(-(1 - np.abs(upper))) * np.exp(1j * np.angle(upper))),
        "the bandwidth was compared with the limit before it was brought to hertz, −ln r · sr/π.":
            table_of(upper, high=2 * limit),
        "frequencies are in radians per sample: θ·sr/2π.":
            np.stack([want[:, 0] * 2 * np.pi / sr, want[:, 1]], -1),
        "frequencies are twice too high: the angle π is sr/2.": np.stack([2 * want[:, 0], want[:, 1]], -1),
        "the bandwidth has the wrong sign: r < 1, so its log is negative.": want * [1, -1],
        "frequency and bandwidth are swapped.": want[:, ::-1],
        "the frequencies alone are there: return pairs (frequency, bandwidth).": want[:, 0],
        "they are not in rising order of frequency.": want[np.argsort(want[:, 1])],
        "they are in the order of the root finder, not in rising order of frequency.":
            table_of(upper, rising=False),
        "they are in falling order: the card asks for rising frequencies.": want[::-1],
        "the signs are those of the predictor: A(z) = 1 + Σ a_k z^-k.":
            table_of(upper_half(np.roots(np.concatenate([[1.0], -a]))), low=-np.inf),
        "the coefficients are in the wrong order, or 1/z was taken for z: highest power first is 1, a_1, …, a_p.":
            table_of(upper_half(np.roots(np.concatenate([[1.0], a])[::-1])), low=-np.inf),
        "the leading 1 of A(z) is missing: the polynomial is 1, a_1, …, a_p.":
            table_of(upper_half(np.roots(a)), low=-np.inf),
    }


def cross_synthesis(carrier: Tensor, modulator: Tensor, cutoff: int, n_fft: int, hop: int) -> dict:
    """Sentence → value."""
    def made(change) -> Tensor:
        return oracle.cross_synthesis(carrier, modulator, cutoff, n_fft, hop, change)

    right = oracle.cross_synthesis(carrier, modulator, cutoff, n_fft, hop)
    return {
        "the carrier was not flattened: divide by its own envelope first.": made(lambda X, M, Ex, Em: X * Em.exp()),
        "the modulator's envelope is missing: the carrier is flattened, and that is all.":
            made(lambda X, M, Ex, Em: X * (-Ex).exp()),
        "carrier and modulator are swapped: the carrier gives the fine structure, the modulator the envelope.":
            made(lambda X, M, Ex, Em: M * (Ex - Em).exp()),
        "the envelopes were divided the wrong way round: E_modulator / E_carrier.":
            made(lambda X, M, Ex, Em: X * (Ex - Em).exp()),
        "the envelopes are logarithms: exp(E_m − E_c), not E_m − E_c.": made(lambda X, M, Ex, Em: X * (Em - Ex)),
        "the envelopes are logarithms: their quotient is exp(E_m − E_c), not E_m / E_c.":
            made(lambda X, M, Ex, Em: X * Em / torch.where(Ex == 0, 1, Ex)),
        "the envelopes are natural logarithms, not powers of ten.": made(lambda X, M, Ex, Em: X * 10 ** (Em - Ex)),
        "the envelopes are natural logarithms, not decibels.": made(lambda X, M, Ex, Em: X * 10 ** ((Em - Ex) / 20)),
        "the phase is the modulator's: keep that of the carrier.":
            made(lambda X, M, Ex, Em: torch.polar(X.abs() * (Em - Ex).exp(), M.angle())),
        "the whole magnitude of the modulator was taken, with its harmonics: take its envelope only.":
            made(lambda X, M, Ex, Em: torch.polar(M.abs(), X.angle())),
        "the envelope replaces the carrier's magnitude: multiply the flattened spectrum, which keeps the harmonics.":
            made(lambda X, M, Ex, Em: torch.polar(Em.exp(), X.angle())),
        "the phase of the carrier is missing.":
            made(lambda X, M, Ex, Em: (X.abs() * (Em - Ex).exp()).to(torch.complex128)),
        "the flattened carrier was multiplied with the modulator's spectrum: take its envelope only.":
            made(lambda X, M, Ex, Em: X * (-Ex).exp() * M),
        "the modulator has one envelope for the whole sound: each frame has its own.":
            made(lambda X, M, Ex, Em: X * (Em.mean(-1, keepdim=True) - Ex).exp()),
        "`n_fft` and `hop` were ignored: pass them on to both transforms.":
            oracle.cross_synthesis(carrier, modulator, cutoff, 1024, 256),
        "`hop` was ignored: it is a quarter of n_fft by default only.":
            oracle.cross_synthesis(carrier, modulator, cutoff, n_fft, n_fft // 4),
        "one envelope was used for the whole sound: each frame has its own.":
            made(lambda X, M, Ex, Em: X * (Em.mean(-1, keepdim=True) - Ex.mean(-1, keepdim=True)).exp()),
        "the two spectra were multiplied: that is a convolution of the sounds.": made(lambda X, M, Ex, Em: X * M),
        "the end is missing: give the inverse STFT the length of the carrier.":
            right[..., : hop * (carrier.shape[-1] // hop)],
    }
