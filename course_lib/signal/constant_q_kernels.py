"""The constant-Q transform by kernels: windowed sinusoids in time, their sparse spectra, and the product with frames.

`signal.cqt` is faster and exact for windows of any length; this is the algorithm of the papers, one step per function.

Derived in unit 03_cqt. Papers: J. C. Brown, JASA 89, 1991; J. C. Brown, M. Puckette, "An efficient algorithm for the
calculation of a constant Q transform", JASA 92, 1992.
"""

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind
from course_lib.signal.framing import frame


@same_kind
def cqt_kernels(frequencies: Tensor, lengths: Tensor, sr: float, n_fft: int) -> Tensor:
    """Complex sinusoids under Hann windows of sum 1, centred on sample n_fft // 2, where their phase is 0.

    Args:
        frequencies: (bins,) centre frequencies in Hz.
        lengths: (bins,) window lengths in samples, any real numbers; see `cqt_lengths`.
        sr: sampling rate in Hz.
        n_fft: samples of a kernel, even.

    Returns:
        (bins, n_fft), complex, not conjugated.

    Raises:
        ValueError: n_fft is odd, or shorter than the longest window.
    """
    lengths = torch.as_tensor(lengths).to(frequencies)
    if n_fft % 2 or n_fft < float(lengths.max()):
        raise ValueError(f"need an even n_fft of at least {float(lengths.max()):.1f} samples, got {n_fft}")
    n = torch.arange(-n_fft // 2, n_fft // 2, dtype=lengths.dtype, device=lengths.device)
    phase = frequencies[:, None] * (2 * torch.pi / sr) * n
    inside = n.abs() < lengths[:, None] / 2
    windows = torch.cos(torch.pi * n / lengths[:, None]).square() * inside
    return torch.polar(windows / windows.sum(-1, keepdim=True), phase)


@same_kind
def spectral_kernels(kernels: Tensor, threshold: float = 0.01) -> Tensor:
    """Conjugated spectra over N, so that Σ_n x[n]·conj(kernel[n]) = Σ_j X[j]·S[j]; small entries are zero.

    Args:
        kernels: (bins, n_fft), complex.
        threshold: entries below this part of the largest magnitude of their row are set to zero.

    Returns:
        (bins, n_fft), complex, mostly zeros.
    """
    spectra = torch.fft.fft(kernels, norm="forward").conj()
    size = spectra.abs()
    return spectra.masked_fill(size < threshold * size.amax(-1, keepdim=True), 0)


@same_kind
def cqt_by_kernels(x: Tensor, spectral: Tensor, hop: int) -> Tensor:
    """Frames of the signal times spectral kernels.

    Args:
        x: (..., samples).
        spectral: (bins, n_fft) of `spectral_kernels`, n_fft even.
        hop: samples between frames.

    Returns:
        (..., bins, samples // hop + 1), complex; frame m is centred on sample m·hop, zeros outside. Differentiable.

    Raises:
        ValueError: as in `frame`.
    """
    spectral = torch.as_tensor(spectral)
    half = spectral.shape[-1] // 2
    padded = torch.nn.functional.pad(x, (half, half))
    return torch.einsum("...mj,kj->...km", torch.fft.fft(frame(padded, 2 * half, hop)), spectral)
