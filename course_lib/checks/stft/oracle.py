"""What the checks of unit 02_stft compare with: torch.stft, torch.istft, and sums written out, all in float64."""

import numpy as np
import torch
from torch import Tensor


def hann(length: int) -> Tensor:
    """The periodic Hann window, (length,) float64."""
    return torch.hann_window(length, dtype=torch.float64)


def stft(x: Tensor, n_fft: int, hop: int, *, window: Tensor | None = None, center: bool = True,
         pad_mode: str = "constant") -> Tensor:
    """torch.stft with a periodic Hann window and zeros at both ends: (…, n_fft//2 + 1, frames) complex128."""
    flat = x.double().reshape(-1, x.shape[-1])
    X = torch.stft(
        flat, n_fft, hop, window=hann(n_fft) if window is None else window.double(), center=center, pad_mode=pad_mode,
        return_complex=True,
    )
    return X.reshape(*x.shape[:-1], *X.shape[-2:])


def istft(X: Tensor, n_fft: int, hop: int, length: int) -> Tensor:
    """torch.istft: (…, length) float64."""
    flat = X.to(torch.complex128).reshape(-1, *X.shape[-2:])
    x = torch.istft(flat, n_fft, hop, window=hann(n_fft), length=length)
    return x.reshape(*X.shape[:-2], length)


def overlap_add(
    X: Tensor, n_fft: int, hop: int, *, synthesis: bool, divide: str, center: int, length: int,
    window: Tensor | None = None, overwrite: bool = False, epsilon: float = 0.0,
) -> Tensor:
    """A plain loop with each choice of `istft` open, to compute what a mistake would give.

    Args:
        synthesis: multiply frames by the window again.
        divide: "none", "w" or "w2": by what overlapped sum.
        center: samples cut off at the start.
        window: of the synthesis; periodic Hann if None.
        overwrite: frames replace what was there, where they should be added.
        epsilon: added to the weight.
    """
    frames = torch.fft.irfft(X.to(torch.complex128), n_fft, dim=-2)
    w = hann(n_fft) if window is None else window
    total = X.real.new_zeros((*X.shape[:-2], n_fft + hop * (X.shape[-1] - 1) + length), dtype=torch.float64)
    weight = torch.zeros(total.shape[-1], dtype=torch.float64)
    for m in range(X.shape[-1]):
        if overwrite:
            total[..., m * hop : m * hop + n_fft] = 0
            weight[m * hop : m * hop + n_fft] = 0
        total[..., m * hop : m * hop + n_fft] += frames[..., m] * (w if synthesis else 1)
        weight[m * hop : m * hop + n_fft] += {"none": torch.zeros_like(w), "w": w, "w2": w * w}[divide]
    if divide != "none":
        total = total / (weight + epsilon).clamp(min=1e-30)
    return total[..., center : center + length]


def griffin_lim(
    magnitude: Tensor, phase: Tensor, hop: int, iterations: int, *, momentum: float = 0.0, keep: bool = False
) -> list[Tensor]:
    """The signals after 0 … `iterations` iterations, by torch.stft and torch.istft, with np.angle for the phase.

    `momentum` (the fast version) and `keep` (the magnitude of the estimate is multiplied in) are mistakes here.
    """
    n_fft, length = 2 * (magnitude.shape[-2] - 1), hop * (magnitude.shape[-1] - 1)
    magnitude, angle, before, factor = magnitude.double(), phase.double().numpy(), None, 1.0
    signals = []
    for _ in range(iterations + 1):
        guess = magnitude * torch.from_numpy(factor * (np.cos(angle) + 1j * np.sin(angle)))
        signals.append(istft(guess, n_fft, hop, length))
        X = stft(signals[-1], n_fft, hop).numpy()
        angle = np.angle(X if before is None else X + momentum * (X - before))
        before, factor = X, np.abs(X) if keep else 1.0
    return signals


def overlap_ripple(window: np.ndarray, hop: int) -> float:
    """(max − min)/max of Σ_m w[n − m·hop], sample by sample over one hop."""
    total = [sum(window[n] for n in range(start, len(window), hop)) for start in range(hop)]
    return float((max(total) - min(total)) / max(total))


def ramp_ripple(window: np.ndarray, hop: int, copies: int) -> float:
    """The same with the two ends of a finite row of copies left in: a mistake."""
    total = np.zeros(len(window) + hop * (copies - 1))
    for m in range(copies):
        total[m * hop : m * hop + len(window)] += window
    return float((total.max() - total.min()) / total.max())
