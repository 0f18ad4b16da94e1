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
from course_lib.signal.framing import frame, overlap_add

CHUNK = 1 << 21
"""Complex values of the table of turning phasors that are held at once."""


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
    n = torch.arange(-half, half, dtype=x.dtype, device=x.device)
    window = 0.5 + 0.5 * torch.cos(math.pi * n / half)
    padded = torch.nn.functional.pad(x, (half, half + needed * hop - x.shape[-1]))
    frames = frame(padded, 2 * half, hop)[:needed]
    at_once = max(1, CHUNK // (2 * half * (harmonics + 1)))
    chunks = zip(frames.split(at_once), f0[:needed].split(at_once), strict=True)
    gains, fitted = zip(*(_fit(some, window.square(), pitch, sr, harmonics) for some, pitch in chunks), strict=True)
    # Hann windows of length 2·half at distance hop add up to half/hop.
    harmonic = overlap_add(torch.cat(fitted) * window, hop)[half : half + x.shape[-1]] * (hop / half)
    return HarmonicModel(torch.cat(gains), harmonic, x - harmonic)


def _fit(frames: Tensor, weight: Tensor, f0: Tensor, sr: float, harmonics: int) -> tuple[Tensor, Tensor]:
    """Complex amplitudes A·exp(iφ) at the centre of each frame, and the fitted harmonics of each frame.

    Frame and weight are symmetric about the centre, so cosines and sines do not mix: two small systems instead of one,
    with matrices made of sum_n weight[n] cos(q θ n) for q = h - h' and q = h + h'.
    """
    n = torch.arange(frames.shape[-1], dtype=frames.dtype, device=frames.device) - frames.shape[-1] // 2
    h = torch.arange(harmonics + 1, dtype=frames.dtype, device=frames.device)
    angle = (2 * math.pi / sr) * f0.nan_to_num()[:, None, None] * h[:, None] * n
    turn = torch.polar(torch.ones_like(angle), angle)  # (frames, 1 + harmonics, samples)
    used = (f0[:, None] > 0) & (h[1:] * f0[:, None] < sr / 2)
    low = (turn @ weight.to(turn.dtype)).real
    high = (turn[:, 1:] @ (turn[:, -1] * weight)[..., None])[..., 0].real
    moments = torch.cat([low, high], -1)
    rows = torch.arange(harmonics, device=frames.device)
    difference, total = moments[:, (rows[:, None] - rows).abs()], moments[:, rows[:, None] + rows + 2]
    projected = (turn[:, 1:] @ (weight * frames)[..., None].to(turn.dtype))[..., 0].conj()
    projected = torch.where(used, projected, 0)
    real = _solve(difference + total, 2 * projected.real, used)
    gains = torch.complex(real, _solve(difference - total, 2 * projected.imag, used))
    return gains, (gains[:, None] @ turn[:, 1:])[:, 0].real


def _solve(gram: Tensor, right: Tensor, used: Tensor) -> Tensor:
    """Solutions of the normal equations; unused harmonics are taken out of them and get 0."""
    eye = torch.eye(gram.shape[-1], dtype=gram.dtype, device=gram.device)
    scale = gram.diagonal(dim1=-2, dim2=-1).abs().mean(-1)[:, None, None].clamp(min=1e-300)
    gram = torch.where(used[:, :, None] & used[:, None, :], gram, scale * eye) + 1e-9 * scale * eye
    return torch.cholesky_solve(right[..., None], torch.linalg.cholesky(gram))[..., 0]
