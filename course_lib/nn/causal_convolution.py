"""Causal convolution over time: output n sees the inputs up to n, and none after.

All padding stands on the left, dilation · (kernel - 1) zeros of it, so the length stays. `nn.tcn` pads both sides: a
masker may look ahead, a model that predicts the next sample may not.

Derived in unit 15_wavenet. Papers: A. van den Oord et al., "WaveNet: a generative model for raw audio", 2016.
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import conv1d, pad


def causal_conv1d(x: Tensor, weight: Tensor, bias: Tensor | None = None, *, dilation: int = 1) -> Tensor:
    """y[n] = bias + sum_k weight[..., k] x[n - (kernel - 1 - k) · dilation], zeros before the first sample.

    Args:
        x: (batch, channels_in, samples).
        weight: (channels_out, channels_in, kernel); the last tap looks at the present, as in `torch.conv1d`.
        bias: (channels_out,).
        dilation: samples between taps.

    Returns:
        (batch, channels_out, samples).
    """
    return conv1d(pad(x, (dilation * (weight.shape[-1] - 1), 0)), weight, bias, dilation=dilation)


class CausalConv1d(nn.Conv1d):
    """`nn.Conv1d` with all padding on the left: (batch, channels_in, samples) → (batch, channels_out, samples)."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int = 2, *, dilation: int = 1, bias: bool = True):
        super().__init__(channels_in, channels_out, kernel, dilation=dilation, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """No look-ahead, same length."""
        return causal_conv1d(x, self.weight, self.bias, dilation=self.dilation[0])


def causal_receptive_field(kernel: int, dilations: Sequence[int]) -> int:
    """Input samples that one output sample sees: itself, and (kernel - 1) · dilation more for each layer.

    >>> causal_receptive_field(2, [1, 2, 4, 8])
    16
    >>> causal_receptive_field(2, 2 * [2**i for i in range(10)])
    2047
    """
    return 1 + (kernel - 1) * sum(dilations)
