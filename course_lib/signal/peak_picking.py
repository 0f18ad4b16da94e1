"""Peaks of a spectrum between its bins: the parabola through a local maximum and its two neighbours, in dB.

The main lobe of a window is nearly a parabola on a logarithmic scale, so the vertex gives frequency and amplitude far
more finely than the bins. Derived in unit 06_sinusoidal.

Papers: R. McAulay, T. Quatieri, "Speech analysis/synthesis based on a sinusoidal representation", IEEE TASSP, 1986;
J. O. Smith, X. Serra, "PARSHL", ICMC 1987.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from course_lib.signal.array_kind import to_tensor


@dataclass(frozen=True)
class Peaks:
    """Peaks of one frame by frequency: (peaks,) arrays of frequency in Hz, amplitude, and phase in radians."""

    frequency: np.ndarray
    amplitude: np.ndarray
    phase: np.ndarray

    def __len__(self) -> int:
        return len(self.frequency)


def parabolic_peak(left: Tensor, middle: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """Vertex of the parabola through (-1, left), (0, middle), (1, right).

    Returns:
        (offset, height): offset between -1/2 and 1/2 where the middle is the largest; a flat top has offset 0.

    >>> parabolic_peak(torch.tensor(0.0), torch.tensor(3.0), torch.tensor(2.0))
    (tensor(0.2500), tensor(3.1250))
    """
    curvature = left - 2 * middle + right
    flat = curvature >= 0
    offset = torch.where(flat, 0.0, 0.5 * (left - right) / torch.where(flat, -1.0, curvature))
    return offset, middle - 0.25 * (left - right) * offset


def spectral_peaks(
    spectrum: Tensor | np.ndarray, sr: float, window_sum: float, *, floor_db: float = -80.0, most: int | None = None
) -> list[Peaks]:
    """Peaks of every frame of an STFT.

    Args:
        spectrum: (bins, frames) complex, bins from 0 to sr/2, as `stft` gives for one signal with a symmetric window.
        sr: sampling rate in Hz.
        window_sum: sum of the window; amplitude is 2·|X|/window_sum, so that a sinusoid has its own.
        floor_db: peaks lower than this relative to full scale (amplitude 1) are left out.
        most: keep this many of the loudest, None for all.

    Returns:
        One `Peaks` per frame. Amplitudes are off by at most 0.1 dB for a Hann window padded twofold. The phase is that
        of the sinusoid in the middle of the frame: counted from there, a main lobe has the same phase at all its bins.

    Raises:
        ValueError: fewer than three bins, or not two axes.
    """
    X = to_tensor(spectrum).detach().cpu()
    if X.ndim != 2 or X.shape[0] < 3:
        raise ValueError(f"need (bins, frames) with at least three bins, got shape {tuple(X.shape)}")
    amplitude = 2 * X.abs() / window_sum
    level = 20 * torch.log10(amplitude.clamp(min=1e-12))
    left, middle, right = level[:-2], level[1:-1], level[2:]
    offset, height = parabolic_peak(left, middle, right)
    is_peak = (middle > left) & (middle >= right) & (height > floor_db)
    spacing = sr / (2 * (X.shape[0] - 1))
    from_the_middle = (-1.0) ** torch.arange(X.shape[0], device=X.device)
    phase = torch.angle(X * from_the_middle[:, None])[1:-1]
    frames = []
    for m in range(X.shape[1]):
        (found,) = torch.nonzero(is_peak[:, m], as_tuple=True)
        if most is not None and len(found) > most:
            found = found[height[found, m].topk(most).indices.sort().values]
        frequency = (found + 1 + offset[found, m]) * spacing
        gain = 10 ** (height[found, m] / 20)
        frames.append(Peaks(frequency.numpy(), gain.numpy(), phase[found, m].numpy()))
    return frames
