"""Temporal convolutional network of Conv-TasNet: dilated depthwise blocks with residual and skip paths."""

from torch import Tensor, nn

from course_lib.nn.global_layer_norm import GlobalLayerNorm


class TCNBlock(nn.Module):
    """One 1-D convolutional block: 1×1 conv, PReLU, gLN, dilated depthwise conv, PReLU, gLN, two 1×1 convs.

    Args:
        channels: channels B of input, residual output and skip output.
        hidden: channels H between the 1×1 convolutions.
        kernel: odd length P of the depthwise filters.
        dilation: distance between filter taps, in frames; the padding keeps the length.
        residual: False for the last block of a network, whose residual output nobody reads.

    Raises:
        ValueError: the kernel length is even: no symmetric padding keeps the number of frames.

    Reference: Luo and Mesgarani, "Conv-TasNet", 2019, figure 1C. Derived in unit 19_tasnet.
    """

    def __init__(self, channels: int, hidden: int, *, kernel: int = 3, dilation: int = 1, residual: bool = True):
        super().__init__()
        if kernel % 2 == 0:
            raise ValueError(f"the kernel length must be odd, got {kernel}")
        padding = dilation * (kernel - 1) // 2
        self.body = nn.Sequential(
            nn.Conv1d(channels, hidden, 1),                                            # (batch, H, frames)
            nn.PReLU(),
            GlobalLayerNorm(hidden),
            nn.Conv1d(hidden, hidden, kernel, dilation=dilation, padding=padding, groups=hidden),
            nn.PReLU(),
            GlobalLayerNorm(hidden),
        )
        self.residual = nn.Conv1d(hidden, channels, 1) if residual else None
        self.skip = nn.Conv1d(hidden, channels, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, channels, frames) → (input + residual, skip), both of the same shape."""
        hidden = self.body(x)
        return (x if self.residual is None else x + self.residual(hidden)), self.skip(hidden)


class TCN(nn.Module):
    """`repeats` stacks of `blocks` blocks with dilations 1, 2, 4, ...; the output is the sum of all skips.

    Args:
        channels, hidden, kernel: see `TCNBlock`.
        blocks: blocks X per stack, the last with dilation 2^(X-1).
        repeats: number of stacks R.
    """

    def __init__(self, channels: int, hidden: int, *, kernel: int = 3, blocks: int = 8, repeats: int = 3):
        super().__init__()
        total = blocks * repeats
        self.blocks = nn.ModuleList(
            TCNBlock(channels, hidden, kernel=kernel, dilation=2 ** (i % blocks), residual=i < total - 1)
            for i in range(total)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, frames) → same shape."""
        total = 0.0
        for block in self.blocks:
            x, skip = block(x)
            total = total + skip
        return total


def receptive_field(*, kernel: int, blocks: int, repeats: int) -> int:
    """Frames that one output frame of a `TCN` depends on: 1 + repeats · (kernel - 1) · (2^blocks - 1).

    >>> receptive_field(kernel=3, blocks=8, repeats=3)
    1531
    """
    return 1 + repeats * (kernel - 1) * (2**blocks - 1)
