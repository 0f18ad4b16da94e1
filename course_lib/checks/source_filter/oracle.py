"""What the checks of unit 05_source_filter compare with: cosine sums, a Toeplitz solver, written out in float64."""

import numpy as np
import scipy.linalg
import torch
from torch import Tensor

from course_lib.checks.stft import oracle as stft_oracle

FLOOR = 1e-10


def log_spectrum(x: np.ndarray, n_fft: int) -> np.ndarray:
    """(…, n_fft) natural log of |DFT x|, from the DFT matrix; magnitudes below 1e-10 count as 1e-10."""
    k, n = np.arange(n_fft)[:, None], np.arange(x.shape[-1])
    spectrum = np.asarray(x, np.float64) @ np.exp(-2j * np.pi * (k * n % n_fft) / n_fft).T
    return np.log(np.maximum(np.abs(spectrum), FLOOR))


def cepstrum(log_magnitude: np.ndarray) -> np.ndarray:
    """(…, n) as a sum of cosines: the log spectrum of a real signal is even."""
    n = log_magnitude.shape[-1]
    k = np.arange(n)
    return log_magnitude @ np.cos(2 * np.pi * (k[:, None] * k % n) / n) / n


def envelope(x: np.ndarray, cutoff: int, n_fft: int) -> np.ndarray:
    """(…, n_fft//2 + 1): c[0] + 2 Σ c[q] cos(2πkq/n) over 0 < q < cutoff."""
    c = cepstrum(log_spectrum(x, n_fft))
    k, q = np.arange(n_fft // 2 + 1), np.arange(1, cutoff)
    cosines = np.cos(2 * np.pi * (q[:, None] * k % n_fft) / n_fft)
    weight = np.where(2 * q == n_fft, 1.0, 2.0)  # the middle of an even cepstrum has no mirror image
    return c[..., :1] + (c[..., 1:cutoff] * weight) @ cosines


def autocorrelation(x: np.ndarray, order: int) -> np.ndarray:
    """(order + 1,) of one signal."""
    full = np.correlate(x, x, "full")[len(x) - 1 :]
    return np.pad(full, (0, max(0, order + 1 - len(full))))[: order + 1]


def normal_equations(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(a, error) of one row of autocorrelations: scipy's Toeplitz solver, once per order."""
    order = len(r) - 1
    if r[0] <= 0:
        return np.zeros(order), np.zeros(order + 1)
    errors, a = [r[0]], np.zeros(0)
    for m in range(1, order + 1):
        a = scipy.linalg.solve_toeplitz(r[:m], -r[1 : m + 1])
        errors.append(r[0] + a @ r[1 : m + 1])
    return a, np.array(errors)


def by_row(x: np.ndarray, solve) -> tuple[np.ndarray, np.ndarray]:
    """`solve` of each signal of a batch: (a, error) with the leading axes of x."""
    rows = [solve(row) for row in np.asarray(x, np.float64).reshape(-1, x.shape[-1])]
    a, error = (np.stack(part) for part in zip(*rows, strict=True))
    return a.reshape(*x.shape[:-1], -1), error.reshape(*x.shape[:-1], -1)


def lpc(x: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    """(…, order) and (…, order + 1)."""
    return by_row(x, lambda row: normal_equations(autocorrelation(row, order)))


def frame_envelope(X: Tensor, cutoff: int, n_fft: int) -> Tensor:
    """(…, bins, frames) log envelope of an STFT, by cosine sums."""
    half = X.abs().double().mT.numpy()
    whole = np.concatenate([half, half[..., 1 : (n_fft + 1) // 2][..., ::-1]], -1)
    c = cepstrum(np.log(np.maximum(whole, FLOOR)))
    q, k = np.arange(n_fft), np.arange(n_fft // 2 + 1)
    keep = np.minimum(q, n_fft - q) < cutoff
    return torch.from_numpy((c * keep) @ np.cos(2 * np.pi * (q[:, None] * k % n_fft) / n_fft)).mT


def cross_synthesis(carrier: Tensor, modulator: Tensor, cutoff: int, n_fft: int, hop: int, change=None) -> Tensor:
    """(…, samples) float64. `change(X, M, E_x, E_m)` computes another spectrum, for what a mistake would give."""
    X, M = (stft_oracle.stft(x, n_fft, hop) for x in (carrier, modulator))
    E_x, E_m = (frame_envelope(Z, cutoff, n_fft) for Z in (X, M))
    Y = X * torch.exp(E_m - E_x) if change is None else change(X, M, E_x, E_m)
    return stft_oracle.istft(Y, n_fft, hop, carrier.shape[-1])
