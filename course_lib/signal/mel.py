"""Mel scales, the triangular mel filterbank, and the log-mel spectrogram that most networks of the course take in.

Three scales are in use: "htk", 2595·log10(1 + f/700), the default of torchaudio; "slaney", linear below 1 kHz and
logarithmic above, the default of librosa; "fant", 1000/ln 2·ln(1 + f/1000), in which 1000 Hz is exactly 1000 mel.
Their numbers differ, so name the scale. Derived in unit 04_features.

Papers: S. Davis, P. Mermelstein, "Comparison of parametric representations for monosyllabic word recognition", IEEE
TASSP, 1980; M. Slaney, "Auditory Toolbox", 1998; G. Fant, "Analysis and synthesis of speech processes", 1968.
"""

import math
from functools import lru_cache

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind
from course_lib.signal.short_time import stft

SLANEY_BREAK_HZ, SLANEY_HZ_PER_MEL = 1000.0, 200.0 / 3.0
SLANEY_LOG_STEP = math.log(6.4) / 27.0
"""Slaney's scale: 27 steps from 1000 Hz to 6400 Hz."""


@same_kind
def hz_to_mel(frequency: Tensor, *, scale: str = "htk") -> Tensor:
    """Frequency in Hz → mel, same shape; `scale` is "htk", "slaney" or "fant". Derived in unit 04_features.

    >>> hz_to_mel(torch.tensor([0.0, 1000.0], dtype=torch.float64))
    tensor([  0.0000, 999.9855], dtype=torch.float64)
    """
    if _known(scale) == "htk":
        return 2595.0 * torch.log10(1.0 + frequency / 700.0)
    if scale == "fant":
        return 1000.0 / math.log(2.0) * torch.log1p(frequency / 1000.0)
    low = frequency / SLANEY_HZ_PER_MEL
    high = SLANEY_BREAK_HZ / SLANEY_HZ_PER_MEL + torch.log(frequency.clamp(min=1.0) / SLANEY_BREAK_HZ) / SLANEY_LOG_STEP
    return torch.where(frequency < SLANEY_BREAK_HZ, low, high)


@same_kind
def mel_to_hz(mel: Tensor, *, scale: str = "htk") -> Tensor:
    """Mel → frequency in Hz, the inverse of `hz_to_mel`. Derived in unit 04_features."""
    if _known(scale) == "htk":
        return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    if scale == "fant":
        return 1000.0 * torch.expm1(mel * (math.log(2.0) / 1000.0))
    break_mel = SLANEY_BREAK_HZ / SLANEY_HZ_PER_MEL
    high = SLANEY_BREAK_HZ * torch.exp(SLANEY_LOG_STEP * (mel - break_mel))
    return torch.where(mel < break_mel, mel * SLANEY_HZ_PER_MEL, high)


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # a cached filterbank must stay usable in training, wherever it was made first
def mel_filterbank(
    n_mels: int, n_fft: int, sr: float, *, f_min: float = 0.0, f_max: float | None = None, scale: str = "htk",
    norm: str | None = None, dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Triangular filters, equally spaced in mel.

    Args:
        n_mels: filters.
        n_fft: DFT size of the spectrogram.
        sr: sampling rate in Hz.
        f_min, f_max: lowest and highest edge in Hz; f_max is sr/2 by default.
        scale: "htk", "slaney" or "fant".
        norm: None for triangles of height 1, "slaney" for triangles of area 1 Hz.
        dtype: of the result.

    Returns:
        (n_mels, n_fft//2 + 1). Cached: do not write into it.

    Raises:
        ValueError: unknown scale or norm, or edges out of order.

    Derived in unit 04_features.

    >>> mel_filterbank(40, 512, 16000).shape
    torch.Size([40, 257])
    """
    f_max = sr / 2 if f_max is None else f_max
    if not 0 <= f_min < f_max or n_mels < 1:
        raise ValueError(f"need 0 <= f_min < f_max and n_mels >= 1, got {f_min}, {f_max} and {n_mels}")
    if norm not in (None, "slaney"):
        raise ValueError(f"norm must be None or 'slaney', got {norm!r}")
    ends = hz_to_mel(torch.tensor([f_min, f_max], dtype=torch.float64), scale=scale)
    edges = mel_to_hz(torch.linspace(ends[0], ends[1], n_mels + 2, dtype=torch.float64), scale=scale)
    bins = torch.arange(n_fft // 2 + 1, dtype=torch.float64) * (sr / n_fft)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    bank = torch.minimum(rising, falling).clamp(min=0.0)
    if norm == "slaney":
        bank = bank * (2.0 / (right - left))
    return bank.to(dtype)


@same_kind
def log_mel(
    x: Tensor, sr: float, *, n_fft: int = 1024, hop: int = 256, n_mels: int = 80, f_min: float = 0.0,
    f_max: float | None = None, scale: str = "htk", norm: str | None = None, window: str | Tensor = "hann",
    power: float = 2.0, offset: float | None = 1e-6, pad_mode: str = "constant",
) -> Tensor:
    """Log-mel spectrogram: ln(offset + filterbank · |STFT|^power).

    Args:
        x: (…, samples), real.
        sr: sampling rate in Hz.
        n_fft, hop, window, pad_mode: as in `stft`.
        n_mels, f_min, f_max, scale, norm: as in `mel_filterbank`.
        power: 2 for energy, 1 for magnitude.
        offset: added before the logarithm, so that silence is ln(offset) and not -inf; None leaves out the logarithm
            (a plain mel spectrogram).

    Returns:
        (…, n_mels, frames). Differentiable.

    Derived in unit 04_features.

    >>> log_mel(torch.zeros(2, 8000), 8000, n_fft=256, hop=80, n_mels=40).shape
    torch.Size([2, 40, 101])
    """
    X = stft(x, n_fft, hop, window=window, pad_mode=pad_mode)
    S = X.real.square() + X.imag.square()
    if power != 2.0:
        # The root has no gradient at zero: a value far below float32's resolution keeps it finite.
        S = (S + torch.finfo(S.dtype).tiny) ** (power / 2)
    bank = mel_filterbank(n_mels, n_fft, sr, f_min=f_min, f_max=f_max, scale=scale, norm=norm, dtype=S.dtype)
    mel = bank.to(S.device) @ S
    return mel if offset is None else torch.log(mel + offset)


@same_kind
def log_compress(x: Tensor, gamma: float = 100.0) -> Tensor:
    """log(1 + γx): a logarithm for large values, a straight line through 0 for small ones.

    Args:
        x: magnitudes or powers, any shape, not negative.
        gamma: where it bends: at x = 1/γ. So the level of the recording matters, unlike with ln(x + offset).

    Returns:
        The shape of x, not negative; silence is 0. Differentiable.

    Raises:
        ValueError: gamma is not positive.

    Derived in unit 04_features.

    >>> log_compress(torch.tensor([0.0, 1.0]))
    tensor([0.0000, 4.6151])
    """
    if not gamma > 0:
        raise ValueError(f"gamma must be positive, got {gamma}")
    return torch.log1p(gamma * x)


def _known(scale: str) -> str:
    if scale not in ("htk", "slaney", "fant"):
        raise ValueError(f"scale must be 'htk', 'slaney' or 'fant', got {scale!r}")
    return scale
