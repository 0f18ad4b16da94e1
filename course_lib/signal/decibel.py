"""Decibels of a spectrogram: 20·log10 of a magnitude, limited below. Derived in unit 02_stft."""

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind


@same_kind
def magnitude_db(X: Tensor, *, ref: str | float = "max", floor: float | None = -80.0) -> Tensor:
    """Level of each value of a magnitude (or complex) spectrogram in dB.

    Args:
        X: complex or real, any shape; of a complex value the magnitude is taken.
        ref: the magnitude that counts as 0 dB, or "max" for the largest of all.
        floor: lowest level in dB; None for no limit (zero is then -inf).

    Returns:
        20·log10(|X| / ref), the shape of X. Silence with ref="max" is `floor` everywhere.

    Derived in unit 02_stft.

    >>> magnitude_db(torch.tensor([1.0, 0.1, 0.0]))
    tensor([  0., -20., -80.])
    """
    magnitude = X.abs()
    if ref == "max":
        peak = magnitude.amax() if magnitude.numel() else magnitude.new_ones(())
        ref = torch.where(peak > 0, peak, torch.ones_like(peak))
    least = 0.0 if floor is None else 10.0 ** (floor / 20.0)
    return 20.0 * torch.log10((magnitude / ref).clamp(min=least))
