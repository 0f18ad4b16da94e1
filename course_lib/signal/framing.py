"""Cut a signal into overlapping frames, and add overlapping frames up again: the two halves of every short-time method.

Frame m holds the samples m·hop … m·hop + length − 1. Overlap-add is the transpose of that map: it puts each frame back
at its place and sums where frames overlap. Derived in unit 02_stft.
"""

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind


@same_kind
def frame(x: Tensor, length: int, hop: int) -> Tensor:
    """Overlapping frames of a signal, as a view (no copy).

    Args:
        x: (…, samples).
        length: samples per frame.
        hop: samples from the start of one frame to the start of the next.

    Returns:
        (…, frames, length) with frames = 1 + (samples − length) // hop; samples after the last whole frame are left
        out. A signal shorter than one frame gives zero frames.

    Raises:
        ValueError: `length` or `hop` is not positive.

    Derived in unit 02_stft.

    >>> frame(torch.arange(7.0), 4, 2)
    tensor([[0., 1., 2., 3.],
            [2., 3., 4., 5.]])
    """
    _expect_positive(length=length, hop=hop)
    if x.shape[-1] < length:
        return x.new_zeros((*x.shape[:-1], 0, length))
    return x.unfold(-1, length, hop)


@same_kind
def overlap_add(frames: Tensor, hop: int) -> Tensor:
    """Put frame m back at sample m·hop and add what overlaps.

    Args:
        frames: (…, frames, length).
        hop: samples between the starts of two frames.

    Returns:
        (…, (frames − 1)·hop + length), or (…, 0) without frames.

    Raises:
        ValueError: `hop` is not positive.

    Derived in unit 02_stft.

    >>> overlap_add(torch.ones(3, 4), 2)
    tensor([1., 1., 2., 2., 2., 2., 1., 1.])
    """
    _expect_positive(hop=hop)
    *batch, count, length = frames.shape
    if count == 0:
        return frames.new_zeros((*batch, 0))
    # Cut every frame into blocks of one hop: block b of frame m belongs to block m + b of the signal. That makes one
    # addition per overlap instead of one per frame.
    blocks = -(-length // hop)
    missing = blocks * hop - length
    padded = torch.nn.functional.pad(frames, (0, missing)) if missing else frames
    cut = padded.unflatten(-1, (blocks, hop))
    out = frames.new_zeros((*batch, count + blocks - 1, hop))
    for b in range(blocks):
        out[..., b : b + count, :] += cut[..., b, :]
    return out.reshape(*batch, -1)[..., : (count - 1) * hop + length]


def _expect_positive(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1 sample, got {size}")
