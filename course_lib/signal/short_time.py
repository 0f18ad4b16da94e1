"""The short-time Fourier transform and its least-squares inverse.

Conventions: X[k, m] = Σ_n w[n] x[n + m·hop − n_fft//2] e^{−2πi kn/n_fft}, bins 0 … n_fft//2 of a real signal, frame m
centred on sample m·hop (`center=True`; without it frame m starts there). No scaling: a sine of amplitude a gives a peak
of a·Σw/2. The inverse is weighted overlap-add divided by the overlapped squared window, which returns any signal
exactly where that sum is not zero, and the signal with the nearest STFT when X is not the STFT of any signal.
Derived in unit 02_stft.

Papers: J. B. Allen, "Short term spectral analysis, synthesis, and modification by discrete Fourier transform", IEEE
TASSP, 1977; D. Griffin, J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE TASSP, 1984.
"""

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind
from course_lib.signal.framing import frame, overlap_add
from course_lib.signal.windows import as_window, is_nola, overlap_sum


@same_kind
def stft(
    x: Tensor, n_fft: int = 1024, hop: int = 256, *, window: str | Tensor = "hann", center: bool = True,
    pad_mode: str = "constant",
) -> Tensor:
    """Short-time Fourier transform of real signals.

    Args:
        x: (…, samples), float32 or float64, numpy or torch.
        n_fft: frame length and DFT size, in samples.
        hop: samples between frames.
        window: a name for `signal.window` (periodic) or (n_fft,) values.
        center: pad n_fft//2 samples at both ends, so that frame m is centred on sample m·hop.
        pad_mode: "constant" (zeros) or "reflect", which needs more than n_fft//2 samples.

    Returns:
        (…, n_fft//2 + 1, frames), complex64 or complex128; frames = 1 + samples // hop for an even n_fft with
        `center`, 1 + (samples − n_fft) // hop without.

    Raises:
        ValueError: complex input, non-positive sizes, a window of another length, or too few samples.

    Derived in unit 02_stft.

    >>> stft(torch.zeros(2, 16000), 512, 128).shape
    torch.Size([2, 257, 126])
    """
    if x.is_complex():
        raise ValueError("stft takes real signals, got complex values")
    if n_fft < 1 or hop < 1:
        raise ValueError(f"n_fft and hop must be at least 1 sample, got n_fft={n_fft}, hop={hop}")
    w = as_window(window, n_fft, like=x)
    if center:
        x = _pad_ends(x, n_fft // 2, pad_mode)
    if x.shape[-1] < n_fft:
        raise ValueError(f"{x.shape[-1]} samples do not fill one frame of n_fft={n_fft}: use center=True or pad")
    return torch.fft.rfft(frame(x, n_fft, hop) * w).transpose(-1, -2)


@same_kind
def istft(
    X: Tensor, hop: int = 256, *, n_fft: int | None = None, window: str | Tensor = "hann", center: bool = True,
    length: int | None = None,
) -> Tensor:
    """Least-squares inverse of `stft` with the same options.

    Args:
        X: (…, bins, frames), complex.
        hop: samples between frames.
        n_fft: frame length; 2·(bins − 1) by default, to be given when it is odd.
        window, center: as in `stft`.
        length: samples wanted. Without it the end of the last hop: samples after the last frame centre are unknown
            to X, so give the length to get a signal back whole.

    Returns:
        (…, length), float32 or float64. Samples that no frame reaches are zero.

    Raises:
        ValueError: X is real, its bins do not fit n_fft, or window and hop break NOLA.

    Derived in unit 02_stft.

    >>> x = torch.randn(3, 1001, dtype=torch.float64)
    >>> bool(torch.allclose(istft(stft(x, 64, 16), 16, length=1001), x))
    True
    """
    if not X.is_complex():
        raise ValueError("istft takes a complex STFT; for a magnitude use griffin_lim, or give it a phase first")
    bins, frames = X.shape[-2:]
    n_fft = 2 * (bins - 1) if n_fft is None else n_fft
    if n_fft // 2 + 1 != bins:
        raise ValueError(f"n_fft={n_fft} has {n_fft // 2 + 1} bins, but X has {bins} (axes are bins, frames)")
    w = as_window(window, n_fft, like=X)
    if not is_nola(w, hop):
        raise ValueError(f"this window of {n_fft} samples with hop={hop} leaves samples without weight (NOLA fails)")
    total = overlap_add(torch.fft.irfft(X.transpose(-1, -2), n_fft) * w, hop)
    weight = overlap_sum(w * w, hop, frames=frames)
    # Only the two ends without `center` can have no weight: the window is zero there, the samples cannot be known.
    x = total / torch.where(weight > 1e-10 * weight.max(), weight, torch.inf)
    start = n_fft // 2 if center else 0
    end = x.shape[-1] - start if length is None else start + length
    return torch.nn.functional.pad(x[..., start:end], (0, max(0, end - x.shape[-1])))


def frame_times(frames: int, hop: int, sr: float) -> Tensor:
    """Time of each frame centre in seconds: (frames,). Derived in unit 02_stft."""
    return torch.arange(frames) * (hop / sr)


def bin_frequencies(n_fft: int, sr: float) -> Tensor:
    """Frequency of each bin in Hz: (n_fft//2 + 1,), spaced sr/n_fft. Derived in unit 02_stft."""
    return torch.arange(n_fft // 2 + 1) * (sr / n_fft)


def _pad_ends(x: Tensor, amount: int, mode: str) -> Tensor:
    if mode == "constant":
        return torch.nn.functional.pad(x, (amount, amount))
    if mode != "reflect":
        raise ValueError(f"pad_mode must be 'constant' or 'reflect', got {mode!r}")
    if x.shape[-1] <= amount:
        raise ValueError(f"reflecting {amount} samples needs a signal longer than that, got {x.shape[-1]}")
    flat = x.reshape(-1, x.shape[-1])
    return torch.nn.functional.pad(flat, (amount, amount), mode="reflect").reshape(*x.shape[:-1], -1)
