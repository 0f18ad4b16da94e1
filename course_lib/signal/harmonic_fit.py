"""The harmonic model x = sum_h A_h cos φ_h + b with a known f0: amplitudes and phases by least squares, per frame.

With the frequencies fixed the model is linear in a_h = A_h cos φ_h and b_h = -A_h sin φ_h, so a frame is projected onto
2H windowed cosines and sines. What the projection leaves is the residual b. Derived in unit 06_sinusoidal.

Papers: Y. Stylianou, "Harmonic plus noise models for speech", PhD thesis, ENST, 1996; X. Serra, J. O. Smith, Computer
Music Journal, 1990.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from course_lib.signal.array_kind import to_tensor
from course_lib.signal.framing import overlap_add


@dataclass(frozen=True)
class HarmonicModel:
    """Complex amplitudes (frames, harmonics), the harmonic part and the residual as signals, both (samples,)."""

    amplitudes: Tensor
    harmonic: Tensor
    residual: Tensor

    @property
    def residual_db(self) -> float:
        """Energy of the residual relative to that of the signal, in dB."""
        whole = (self.harmonic + self.residual).square().sum()
        return float(10 * torch.log10(self.residual.square().sum() / whole)) if whole > 0 else -math.inf


def harmonic_model(x, f0, sr: float, *, hop: int, harmonics: int, periods: float = 4.0) -> HarmonicModel:
    """Fit the harmonics of a known f0 frame by frame and put the frames together by overlap-add.

    Args:
        x: (samples,), numpy or torch.
        f0: (frames,) in Hz at samples m·hop; 0 where there is no pitch: those frames are all residual.
        sr: sampling rate in Hz.
        hop: samples between frames.
        harmonics: how many; those above sr/2 are left out.
        periods: frame length in periods of the lowest f0; below 3 the least squares cannot part the harmonics.

    Returns:
        A `HarmonicModel`; harmonic + residual equals `x` exactly.

    Raises:
        ValueError: fewer frames than the signal needs, or a frame that is shorter than two hops.
    """
    x = to_tensor(x).double()
    f0 = to_tensor(f0).to(x)
    needed = x.shape[-1] // hop + 1
    if x.ndim != 1 or f0.ndim != 1 or len(f0) < needed:
        raise ValueError(f"{x.shape[-1]} samples at hop {hop} need {needed} frames of f0, got shape {tuple(f0.shape)}")
    voiced = f0[f0 > 0]
    half = math.ceil(periods / 2 * sr / float(voiced.min())) if len(voiced) else hop
    half = -(-max(half, hop) // hop) * hop  # whole hops, so that the overlapping windows sum to a constant
    window = 0.5 + 0.5 * torch.cos(math.pi * torch.arange(-half, half, dtype=x.dtype, device=x.device) / half)
    padded = torch.nn.functional.pad(x, (half, half + needed * hop - x.shape[-1]))
    amplitudes, parts = [], []
    for m in range(needed):
        frame = padded[m * hop : m * hop + 2 * half]
        gains, fitted = _fit(frame, window, float(f0[m]), sr, harmonics)
        amplitudes.append(gains)
        parts.append(window * fitted)
    # Hann windows of length 2·half at distance hop add up to half/hop.
    harmonic = overlap_add(torch.stack(parts), hop)[half : half + x.shape[-1]] * (hop / half)
    return HarmonicModel(torch.stack(amplitudes), harmonic, x - harmonic)


def _fit(frame: Tensor, window: Tensor, f0: float, sr: float, harmonics: int) -> tuple[Tensor, Tensor]:
    """Complex amplitudes A·exp(iφ) at the centre of the frame, and the fitted harmonics of the frame."""
    gains = torch.zeros(harmonics, dtype=torch.complex128, device=frame.device)
    used = min(harmonics, math.ceil(sr / 2 / f0) - 1) if f0 > 0 else 0
    if used < 1:
        return gains, torch.zeros_like(frame)
    n = torch.arange(len(frame), dtype=frame.dtype, device=frame.device) - len(frame) // 2
    angle = 2 * math.pi * f0 / sr * n[:, None] * torch.arange(1, used + 1, device=frame.device)
    basis = torch.cat([torch.cos(angle), -torch.sin(angle)], 1)
    weighted = basis * window[:, None]
    gram = weighted.T @ weighted
    gram += 1e-9 * gram.diagonal().mean() * torch.eye(2 * used, dtype=gram.dtype, device=gram.device)
    solution = torch.cholesky_solve((weighted.T @ (window * frame))[:, None], torch.linalg.cholesky(gram))[:, 0]
    gains[:used] = torch.complex(solution[:used], solution[used:])
    return gains, basis @ solution
