"""Dual-path processing: cut a long sequence into chunks, model inside the chunks, then across them."""

import torch
from torch import Tensor, nn
from torch.nn.functional import fold, pad

from course_lib.nn.global_layer_norm import GlobalLayerNorm


def split_chunks(x: Tensor, length: int) -> Tensor:
    """Cut (batch, channels, frames) into chunks with 50 % overlap: (batch, channels, length, chunks).

    Zeros are added at both ends so that every frame lies in exactly two chunks.

    Raises:
        ValueError: `length` is odd or less than 2.
    """
    if length < 2 or length % 2:
        raise ValueError(f"the chunk length must be even and at least 2, got {length}")
    half = length // 2
    tail = -x.shape[-1] % half
    return pad(x, (half, half + tail)).unfold(-1, length, half).mT


def overlap_add_chunks(chunks: Tensor, frames: int) -> Tensor:
    """Inverse of `split_chunks`: (batch, channels, length, chunks) → (batch, channels, frames)."""
    batch, channels, length, count = chunks.shape
    half = length // 2
    total = half * (count + 1)
    summed = fold(
        chunks.reshape(batch, channels * length, count), output_size=(1, total), kernel_size=(1, length),
        stride=(1, half),
    )
    return summed[:, :, 0, half : half + frames] / 2


class DualPathBlock(nn.Module):
    """A bidirectional LSTM along each chunk, then one across the chunks, each with projection, gLN and residual.

    A sequence of T frames cut into chunks of about sqrt(2T) costs two recurrences of about sqrt(2T) steps in place of
    one of T: every frame still hears every other, and no recurrence is long.

    Args:
        channels: channels of input and output.
        hidden: units of each LSTM direction.

    Reference: Luo, Chen and Yoshioka, "Dual-path RNN", ICASSP 2020. Shown in unit 19_tasnet.
    """

    def __init__(self, channels: int, hidden: int):
        super().__init__()
        self.paths = nn.ModuleList(nn.LSTM(channels, hidden, batch_first=True, bidirectional=True) for _ in range(2))
        self.projections = nn.ModuleList(nn.Linear(2 * hidden, channels) for _ in range(2))
        self.norms = nn.ModuleList(GlobalLayerNorm(channels) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, length, chunks) → same shape."""
        for axis, path, projection, norm in zip((2, 3), self.paths, self.projections, self.norms, strict=True):
            x = x + norm(_along(x, axis, lambda sequence, p=path, q=projection: q(p(sequence)[0])))
        return x


def _along(x: Tensor, axis: int, recurrence) -> Tensor:
    """Run `recurrence` on (sequences, steps, channels) along one axis of (batch, channels, length, chunks)."""
    order = (0, 5 - axis, axis, 1)                       # (batch, the other axis, the axis, channels)
    y = x.permute(order)
    y = recurrence(y.reshape(-1, *y.shape[2:])).reshape(y.shape)
    return y.permute(torch.argsort(torch.tensor(order)).tolist())
