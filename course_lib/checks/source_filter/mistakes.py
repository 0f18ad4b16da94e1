"""What usual mistakes in unit 05_source_filter would give: tables for `mistakes=`, computed when needed."""

import math

import numpy as np
import scipy.linalg
import torch
from torch import Tensor

from course_lib.checks.source_filter import oracle


def envelope(x: np.ndarray, cutoff: int, n_fft: int) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`."""
    want, log_magnitude = oracle.envelope(x, cutoff, n_fft), oracle.log_spectrum(x, n_fft)
    c, q = oracle.cepstrum(log_magnitude), np.arange(n_fft)
    distance, bins = np.minimum(q, n_fft - q), n_fft // 2 + 1

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
        "nothing was liftered: it is the log spectrum itself.": log_magnitude[..., :bins],
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


def coefficients(x: np.ndarray, order: int) -> dict:
    """Sentence → value, for the first result of `lpc`."""
    a, _ = oracle.lpc(x, order)
    one = np.ones((*x.shape[:-1], 1))

    def solved(lags) -> np.ndarray:
        return oracle.by_row(x, lambda row: oracle.normal_equations(lags(row)))[0]

    samples = x.shape[-1]
    w = np.hanning(samples + 2)[1:-1]
    table = {
        "the signs are those of the predictor x[n] ≈ Σ a_k x[n−k]: here A(z) = 1 + Σ a_k z^-k, so "
        "x[n] ≈ −Σ a_k x[n−k].": -a,
        "the leading 1 of A(z) is among the coefficients: return a_1 … a_p.": np.concatenate([one, a], -1),
        "these are the reflection coefficients k_m: each order also changes the coefficients before, "
        "a_k + k_m a_{m−k}.": oracle.by_row(x, lambda row: _reflections(oracle.autocorrelation(row, order)))[0],
        "the coefficients were changed in place: a_k + k_m a_{m−k} needs the old a_{m−k}, so make a new list.":
            oracle.by_row(x, lambda row: _in_place(oracle.autocorrelation(row, order)))[0],
        "the autocorrelation was divided by the number of products, N − k: divide by nothing (that estimate can make "
        "an unstable filter).": solved(lambda row: oracle.autocorrelation(row, order)
                                       / np.maximum(samples - np.arange(order + 1), 1)),
        "the autocorrelation is circular: the end of the frame meets its beginning. Pad with zeros before the FFT.":
            solved(lambda row: np.resize(np.fft.ifft(np.abs(np.fft.fft(row)) ** 2).real, order + 1)),
        "the mean was subtracted from the frame.": solved(lambda row: oracle.autocorrelation(row - row.mean(), order)),
        "the frame was windowed again: it comes windowed already.":
            solved(lambda row: oracle.autocorrelation(row * w, order)),
        "it is the covariance method (least squares inside the frame): the card asks for the autocorrelation method.":
            oracle.by_row(x, lambda row: (_covariance(row, order), np.zeros(order + 1)))[0],
    }
    if samples > order:
        import librosa

        flat = np.asarray(x, np.float64).reshape(-1, samples)
        if np.abs(flat).max(-1).min() > 0:
            burg = np.stack([librosa.lpc(row, order=order)[1:] for row in flat])
            table["it is Burg's method, that of librosa.lpc: the card asks for the autocorrelation method."] = (
                burg.reshape(a.shape)
            )
    return table


def errors(x: np.ndarray, order: int) -> dict:
    """Sentence → value, for the second result of `lpc`."""
    _, error = oracle.lpc(x, order)
    _, k = oracle.by_row(x, lambda row: _reflections(oracle.autocorrelation(row, order)))
    start = error[..., :1]

    def product(factor: np.ndarray) -> np.ndarray:
        return np.concatenate([start, start * np.cumprod(factor, -1)], -1)

    samples = x.shape[-1]
    return {
        "only the error of the last order is there: return it for every order 0 … p.": error[..., -1],
        "the error of order 0 is missing: it is r[0], the energy of the frame.": error[..., 1:],
        "the error of the last order is missing.": error[..., :-1],
        "each order multiplies the error by 1 − k², not by 1 + k².": product(1 + k**2),
        "each order multiplies the error by 1 − k², not by 1 − |k|.": product(1 - np.abs(k)),
        "each order multiplies the error by 1 − k², with the k squared.": product(1 - k),
        "the error was divided by r[0]: return energies.": error / np.where(start > 0, start, 1),
        "the energies were divided by the number of samples: return sums.": error / samples,
        "these are gains in dB: return energies.": 10 * np.log10(np.where(error > 0, start / np.where(
            error > 0, error, 1), 1)),
        "the error is the same for all orders: it shrinks by 1 − k² each time.": start + 0 * error,
    }


def formants(a: np.ndarray, sr: float, limit: float) -> dict:
    """Sentence → value: (n, 2) arrays of frequency and bandwidth."""
    z = np.roots(np.concatenate([[1.0], a]))

    def table_of(z: np.ndarray, *, f=1 / (2 * np.pi), b=1 / np.pi, low=0.0, high=limit) -> np.ndarray:
        frequency, bandwidth = np.angle(z) * sr * f, -np.log(np.maximum(np.abs(z), 1e-12)) * sr * b
        keep = (bandwidth > low) & (bandwidth <= high)
        return np.stack([frequency[keep], bandwidth[keep]], -1)[np.argsort(frequency[keep], kind="stable")]

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
        "broad poles were kept: leave out what is wider than max_bandwidth.": table_of(upper, high=np.inf),
        "the bandwidth is half of the right one: −ln r · sr/π.": table_of(upper, b=1 / (2 * np.pi)),
        "the bandwidth was compared with the limit before it was brought to hertz, −ln r · sr/π.":
            table_of(upper, high=2 * limit),
        "frequencies are in radians per sample: θ·sr/2π.":
            np.stack([want[:, 0] * 2 * np.pi / sr, want[:, 1]], -1),
        "frequencies are twice too high: the angle π is sr/2.": np.stack([2 * want[:, 0], want[:, 1]], -1),
        "the bandwidth has the wrong sign: r < 1, so its log is negative.": want * [1, -1],
        "frequency and bandwidth are swapped.": want[:, ::-1],
        "the frequencies alone are there: return pairs (frequency, bandwidth).": want[:, 0],
        "they are not in rising order of frequency.": want[np.argsort(want[:, 1])],
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
        "one envelope was used for the whole sound: each frame has its own.":
            made(lambda X, M, Ex, Em: X * (Em.mean(-1, keepdim=True) - Ex.mean(-1, keepdim=True)).exp()),
        "the two spectra were multiplied: that is a convolution of the sounds.": made(lambda X, M, Ex, Em: X * M),
        "the end is missing: give the inverse STFT the length of the carrier.":
            right[..., : hop * (carrier.shape[-1] // hop)],
    }


def _steps(r: np.ndarray, in_place: bool) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and reflection coefficients; with or without the mistake of changing the list while reading it."""
    order = len(r) - 1
    a, ks, error = np.zeros(order), np.zeros(order), r[0]
    if r[0] <= 0:
        return a, ks
    for m in range(1, order + 1):
        k = -(r[m] + a[: m - 1] @ r[m - 1 : 0 : -1]) / error
        old = a if in_place else a.copy()
        for i in range(m - 1):
            a[i] = old[i] + k * old[m - 2 - i]
        a[m - 1] = ks[m - 1] = k
        error *= 1 - k * k
    return a, ks


def _reflections(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, ks = _steps(r, in_place=False)
    return ks, ks


def _in_place(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, ks = _steps(r, in_place=True)
    return a, ks


def _covariance(row: np.ndarray, order: int) -> np.ndarray:
    if len(row) <= 2 * order or not row.any():
        return np.zeros(order)
    past = np.stack([row[order - k : len(row) - k] for k in range(1, order + 1)], -1)
    return -scipy.linalg.lstsq(past, row[order:])[0]
