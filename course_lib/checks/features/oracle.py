"""What the checks of unit 04_features compare with: counting, interpolation, scipy's DCT, distances written out."""

import math

import numpy as np
import scipy.fft
import torch

from course_lib.checks.stft import oracle as stft_oracle


def framed(x: np.ndarray, length: int, hop: int) -> np.ndarray:
    """(…, frames, length) of the last axis."""
    count = 1 + (x.shape[-1] - length) // hop
    return np.stack([x[..., m * hop : m * hop + length] for m in range(count)], -2)


def zero_crossing_rate(x: np.ndarray, length: int, hop: int) -> np.ndarray:
    """(…, frames), pair by pair."""
    frames = framed(x, length, hop)
    changes = np.zeros(frames.shape[:-1])
    for n in range(1, length):
        changes += (frames[..., n] < 0) != (frames[..., n - 1] < 0)
    return changes / (length - 1)


def to_mel(f: np.ndarray, scale: str) -> np.ndarray:
    """Hz → mel, from the published numbers."""
    f = np.asarray(f, np.float64)
    if scale == "fant":
        return 1000 * np.log2(1 + f / 1000)
    if scale == "htk":
        return 2595 * np.log10(1 + f / 700)
    return np.where(f < 1000, 3 * f / 200, 15 + 27 * np.log(np.maximum(f, 1) / 1000) / math.log(6.4))


def to_hz(mel: np.ndarray, scale: str) -> np.ndarray:
    """Mel → Hz, the inverse of `to_mel`."""
    mel = np.asarray(mel, np.float64)
    if scale == "fant":
        return 1000 * (np.exp2(mel / 1000) - 1)
    if scale == "htk":
        return 700 * (10 ** (mel / 2595) - 1)
    return np.where(mel < 15, 200 * mel / 3, 1000 * 6.4 ** ((mel - 15) / 27))


def edges(n_mels: int, f_min: float, f_max: float, scale: str) -> np.ndarray:
    """(n_mels + 2,) frequencies in Hz, equally far apart in mel."""
    low, high = to_mel(f_min, scale), to_mel(f_max, scale)
    return to_hz(low + (high - low) * np.arange(n_mels + 2) / (n_mels + 1), scale)


def triangles(points: np.ndarray, bins: np.ndarray) -> np.ndarray:
    """(len(points) - 2, bins): piecewise linear through 0, 1, 0 at three neighbouring points."""
    return np.stack([np.interp(bins, points[m : m + 3], [0.0, 1.0, 0.0]) for m in range(len(points) - 2)])


def bin_frequencies(n_fft: int, sr: float) -> np.ndarray:
    """(n_fft//2 + 1,) in Hz."""
    return np.arange(n_fft // 2 + 1) * sr / n_fft


def mel_filterbank(n_mels: int, n_fft: int, sr: float, f_min: float, f_max: float, scale: str) -> np.ndarray:
    """(n_mels, n_fft//2 + 1)."""
    return triangles(edges(n_mels, f_min, f_max, scale), bin_frequencies(n_fft, sr))


def power_spectrogram(x: np.ndarray, n_fft: int, hop: int) -> np.ndarray:
    """(…, bins, frames)."""
    return stft_oracle.stft(torch.from_numpy(np.array(x, np.float64)), n_fft, hop).abs().square().numpy()


def log_bands(S: np.ndarray, n_mels: int, n_fft: int, sr: float, scale: str = "htk") -> np.ndarray:
    """(…, n_mels, frames): ln(band + 1e-6)."""
    return np.log(mel_filterbank(n_mels, n_fft, sr, 0.0, sr / 2, scale) @ S + 1e-6)


def mfcc(x: np.ndarray, sr: float, n_mfcc: int, n_mels: int, n_fft: int, hop: int) -> np.ndarray:
    """(…, n_mfcc, frames)."""
    bands = log_bands(power_spectrogram(x, n_fft, hop), n_mels, n_fft, sr)
    return scipy.fft.dct(bands, type=2, norm="ortho", axis=-2)[..., :n_mfcc, :]
