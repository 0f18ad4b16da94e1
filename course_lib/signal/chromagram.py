"""Chroma: energy by pitch class, all octaves folded into one.

Derived in unit 04_features. Paper: T. Fujishima, "Realtime chord recognition of musical sound", ICMC 1999.
"""

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind
from course_lib.signal.constant_q import cqt


@same_kind
def chroma(
    x: Tensor, sr: float, *, hop: int = 512, octaves: int = 6, f_min: float = 32.703, normalise: bool = True
) -> Tensor:
    """Pitch-class profile from a constant-Q transform.

    Args:
        x: (..., samples).
        sr: sampling rate in Hz.
        hop: samples between frames.
        octaves: how many octaves from `f_min` on are folded.
        f_min: frequency in Hz of pitch class 0; C1 by default, so that class 9 is A.
        normalise: divide each frame by its largest value; silent frames stay 0.

    Returns:
        (..., 12, frames), non-negative. Differentiable.

    Raises:
        ValueError: the octaves reach beyond sr/2.

    >>> t = torch.arange(22050) / 22050
    >>> chroma(torch.sin(2 * torch.pi * 440 * t), 22050).mean(-1).argmax().item()
    9
    """
    C = cqt(x, sr, hop=hop, f_min=f_min, n_bins=12 * octaves)
    energy = C.real.square() + C.imag.square()
    folded = energy.unflatten(-2, (octaves, 12)).sum(-3)
    if not normalise:
        return folded
    largest = folded.amax(-2, keepdim=True)
    return torch.where(largest > 0, folded / torch.where(largest > 0, largest, 1.0), 0.0)
