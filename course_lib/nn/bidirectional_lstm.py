"""A bidirectional LSTM for padded batches, each utterance read from its own end. Used in units
12_ctc, 13_deep_speech and 14_attention.

The two directions are two padded LSTMs and not one packed module, because PyTorch has a fused CPU kernel for just this
case: three times faster to train. What lies beyond the end of an utterance has no influence on its outputs, which are
zero there.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.nn.padding import inside, mirror


class BidirectionalLSTM(nn.Module):
    """(batch, steps, size) → (batch, steps, 2 * units), `layers` times.

    Args:
        size: width of the input.
        units: of each direction of each layer.
        layers: one reads the outputs of the other.
    """

    def __init__(self, size: int, units: int, layers: int = 1):
        super().__init__()
        sizes = [size] + [2 * units] * (layers - 1)
        self.forwards = nn.ModuleList(nn.LSTM(n, units, batch_first=True) for n in sizes)
        self.backwards = nn.ModuleList(nn.LSTM(n, units, batch_first=True) for n in sizes)

    def forward(
        self, x: Float[Tensor, "batch steps size"], lengths: Int[Tensor, " batch"],
    ) -> Float[Tensor, "batch steps twice_units"]:
        """Both directions side by side, zero beyond the end of each utterance."""
        there = inside(lengths, x.shape[1])[:, :, None]
        for past, future in zip(self.forwards, self.backwards, strict=True):
            ahead = past(x)[0]                                         # (batch, steps, units)
            back = mirror(future(mirror(x, lengths))[0], lengths)      # (batch, steps, units)
            x = torch.cat([ahead, back], dim=2) * there                # (batch, steps, 2 * units)
        return x
