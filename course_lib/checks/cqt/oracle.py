"""What the checks of unit 03_cqt compare with: loops over bins and sums over samples, in float64."""

import math

import numpy as np


def window_lengths(midi: np.ndarray, sr: float, bins_per_octave: int, cw: float) -> np.ndarray:
    """One bin after the other, from the next bin above it: sr/L = Cw⁻¹·(distance to it)."""
    lengths = []
    for m in midi:
        f = 440.0 * math.exp((m - 69) / 12 * math.log(2))
        above = 440.0 * math.exp(((m - 69) / 12 + 1 / bins_per_octave) * math.log(2))
        lengths.append(cw * sr / (above - f))
    return np.array(lengths)


def kernel_bank(
    frequencies: np.ndarray, lengths: np.ndarray, sr: float, n_fft: int, *, middle: float | None = None,
    origin: float | None = None, lift: float = 0.5, norm: str = "sum",
) -> np.ndarray:
    """Windowed sinusoids, (bins, n_fft) complex128; the options are for mistakes.

    Args:
        middle: the sample on which windows are centred; n_fft/2 if None.
        origin: the sample where the phase is zero; n_fft/2 if None.
        lift: the constant of the window, 0.5 for Hann, 0.54 for Hamming, 1 for a rectangle.
        norm: divide by the "sum" of the window, its "length", the root of its "energy", or "none".
    """
    middle = n_fft / 2 if middle is None else middle
    origin = n_fft / 2 if origin is None else origin
    bank = np.zeros((len(frequencies), n_fft), complex)
    for k, (f, length) in enumerate(zip(frequencies, lengths, strict=True)):
        for n in range(n_fft):
            if abs(n - middle) < length / 2:
                w = lift + (1 - lift) * math.cos(2 * math.pi * (n - middle) / length)
                angle = 2 * math.pi * f * (n - origin) / sr
                bank[k, n] = w * complex(math.cos(angle), math.sin(angle))
        row = np.abs(bank[k])
        bank[k] /= {"sum": row.sum(), "length": length, "energy": math.sqrt((row**2).sum()), "none": 1.0}[norm]
    return bank


def spectral_kernels(kernels: np.ndarray, threshold: float) -> np.ndarray:
    """The conjugated DFT over n_fft, by a product with the DFT matrix; what is small in its row is zero."""
    n = np.arange(kernels.shape[-1])
    dft = np.exp(-2j * np.pi * (np.outer(n, n) % len(n)) / len(n))
    spectra = np.conj(kernels @ dft) / len(n)
    for row in spectra:
        row[np.abs(row) < threshold * np.abs(row).max()] = 0
    return spectra


def frames(x: np.ndarray, n_fft: int, hop: int, *, before: int | None = None) -> np.ndarray:
    """(…, frames, n_fft): frame m begins at m·hop − before, n_fft//2 if None; zeros outside of the signal."""
    before = n_fft // 2 if before is None else before
    count = x.shape[-1] // hop + 1
    padded = np.concatenate([np.zeros((*x.shape[:-1], before)), x, np.zeros((*x.shape[:-1], n_fft + hop))], -1)
    return np.stack([padded[..., m * hop : m * hop + n_fft] for m in range(count)], -2)


def cqt(x: np.ndarray, spectral: np.ndarray, hop: int, *, before: int | None = None) -> np.ndarray:
    """Σ_n x[n]·h[n] in time, frame by frame: h is the inverse DFT of what the spectral kernels multiply with."""
    n_fft = spectral.shape[-1]
    # Σ_j X[j] S[j] = Σ_n x[n] Σ_j S[j] exp(−2πi jn/N): the DFT of a row of S.
    in_time = np.fft.fft(spectral, axis=-1)
    return np.swapaxes(frames(x.astype(np.float64), n_fft, hop, before=before) @ in_time.T, -1, -2)


def constant_q(x: np.ndarray, sr: float, hop: int, frequencies: np.ndarray, bins_per_octave: int) -> np.ndarray:
    """The definition: at every m·hop a Hann window of Q periods times a sinusoid, summed in time."""
    lengths = sr / (2 ** (1 / bins_per_octave) - 1) / frequencies
    n_fft = 2 * math.ceil(lengths.max() / 2) + 2
    n = np.arange(n_fft) - n_fft // 2
    phase = np.exp(-2j * np.pi * np.outer(frequencies, n) / sr)
    w = 0.5 + 0.5 * np.cos(2 * np.pi * np.clip(n / lengths[:, None], -0.5, 0.5))
    return np.swapaxes(frames(x.astype(np.float64), n_fft, hop) @ (w * phase / w.sum(-1, keepdims=True)).T, -1, -2)


def hcqt(
    x: np.ndarray, sr: float, hop: int, f_min: float, n_bins: int, bins_per_octave: int, steps: list[float]
) -> np.ndarray:
    """One layer per step, each a CQT of its own that begins `steps` bins above f_min: (…, steps, n_bins, frames)."""
    bins = np.arange(n_bins)
    layers = [
        constant_q(x, sr, hop, f_min * 2 ** ((step + bins) / bins_per_octave), bins_per_octave) for step in steps
    ]
    return np.stack(layers, -3)
