"""Spectral envelopes of an STFT, and cross-synthesis: the envelope of one sound on the flattened spectrum of another.

    Y = X_carrier · E_modulator / E_carrier

The carrier keeps what is fast along frequency (its pitch), the modulator gives what is slow (its formants). The classic
name for this is vocoding. The phase is the carrier's.

Derived in unit 05_source_filter. Papers: H. Dudley, "Remaking speech", JASA 11, 1939; J. Makhoul, "Linear prediction: a
tutorial review", Proc. IEEE, 1975; M. Caetano, X. Rodet, "Musical instrument sound morphing guided by perceptually
motivated features", IEEE TASLP, 2013.
"""

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind, to_tensor
from course_lib.signal.cepstrum import FLOOR, lifter
from course_lib.signal.linear_prediction import levinson_durbin
from course_lib.signal.short_time import istft, stft


@same_kind
def spectral_envelope(X: Tensor, cutoff: int, *, n_fft: int | None = None) -> Tensor:
    """The cepstral envelope of every frame of an STFT: log|X| without its quefrencies from `cutoff` on.

    Args:
        X: (..., bins, frames), complex or magnitude.
        cutoff: first quefrency, in samples, that counts as fast: below the shortest pitch period.
        n_fft: frame length; 2·(bins - 1) by default, to be given when it is odd.

    Returns:
        (..., bins, frames), natural log of a magnitude. A silent frame has log(1e-10). Differentiable.

    Raises:
        ValueError: bins that do not fit `n_fft`, or a cutoff outside 1 ... n_fft // 2.
    """
    n_fft = _frame_length(X, n_fft)
    cepstrum = torch.fft.irfft(torch.log(_above_floor(X)).mT, n_fft)
    return torch.fft.rfft(lifter(cepstrum, cutoff)).real.mT


@same_kind
def lpc_envelope(X: Tensor, order: int, *, n_fft: int | None = None) -> Tensor:
    """The all-pole envelope G/|A| of every frame of an STFT, by linear prediction from its power spectrum.

    The autocorrelation is the inverse DFT of |X|² (circular, so the window must fade out at its ends).

    Args:
        X: (..., bins, frames), complex or magnitude.
        order: number of poles, 1 ... n_fft // 2.
        n_fft: as in `spectral_envelope`.

    Returns:
        (..., bins, frames), natural log of a magnitude. A silent frame has log(1e-10). Differentiable.

    Raises:
        ValueError: bins that do not fit `n_fft`, or an order outside 1 ... n_fft // 2.
    """
    n_fft = _frame_length(X, n_fft)
    if not 1 <= order <= n_fft // 2:
        raise ValueError(f"order must lie between 1 and {n_fft // 2} for frames of {n_fft} samples, got {order}")
    magnitude = _above_floor(X).mT.double()
    r = torch.fft.irfft(magnitude**2, n_fft)[..., : order + 1]
    a, error = levinson_durbin(r)
    A = torch.fft.rfft(torch.nn.functional.pad(a, (1, 0), value=1.0), n_fft)
    return (0.5 * torch.log(error[..., -1:]) - torch.log(A.abs())).mT.to(magnitude.dtype if _wide(X) else torch.float32)


@same_kind
def cross_synthesis(
    carrier: Tensor, modulator: Tensor, n_fft: int = 1024, hop: int = 256, *, cutoff: int | None = None,
    order: int | None = None,
) -> Tensor:
    """The spectral envelope of `modulator` impressed on the flattened spectrum of `carrier`.

    Args:
        carrier, modulator: (..., samples) of the same length; leading axes broadcast.
        n_fft, hop: frames, as in `stft`.
        cutoff: quefrency of the cepstral envelope, as in `spectral_envelope`; or
        order: of an all-pole envelope, as in `lpc_envelope`.

    Returns:
        (..., samples). Where the modulator is silent, so is the result, and where the carrier is. Differentiable.

    Raises:
        ValueError: signals of different lengths; both or neither of `cutoff` and `order`.
    """
    modulator = to_tensor(modulator).to(carrier)
    samples = carrier.shape[-1]
    if modulator.shape[-1] != samples:
        raise ValueError(f"carrier and modulator differ in length: {samples} and {modulator.shape[-1]} samples")
    if (cutoff is None) == (order is None):
        raise ValueError("give either cutoff (a cepstral envelope) or order (an all-pole envelope)")

    def envelope(X: Tensor) -> Tensor:
        return spectral_envelope(X, cutoff, n_fft=n_fft) if order is None else lpc_envelope(X, order, n_fft=n_fft)

    X, M = stft(carrier, n_fft, hop), stft(modulator, n_fft, hop)
    Y = X * torch.exp(envelope(M) - envelope(X))
    return istft(Y, hop, n_fft=n_fft, length=samples)


def _above_floor(X: Tensor) -> Tensor:
    """|X|, at least 1e-10 of the largest magnitude of its frame, or 1e-10 in silence: its log is finite."""
    magnitude = X.abs()
    loudest = magnitude.amax(-2, keepdim=True)
    return torch.maximum(magnitude, FLOOR * torch.where(loudest > 0, loudest, 1.0))


def _wide(X: Tensor) -> bool:
    return X.dtype in (torch.float64, torch.complex128)


def _frame_length(X: Tensor, n_fft: int | None) -> int:
    bins = X.shape[-2]
    n_fft = 2 * (bins - 1) if n_fft is None else n_fft
    if n_fft // 2 + 1 != bins:
        raise ValueError(f"n_fft={n_fft} has {n_fft // 2 + 1} bins, but X has {bins} (axes are bins, frames)")
    return n_fft
