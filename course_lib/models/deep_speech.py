"""Deep Speech 2 in small: 2-D convolutions over frequency and time, bidirectional recurrence, letters by CTC.

Conventions: `batch` utterances padded to `frames`; features are (batch, frames, bands), outputs (batch, steps, classes)
with steps from `output_steps`; class 0 is the blank. What lies beyond the end of an utterance has no influence on its
outputs, and none on the statistics of the batch norm.

Left out of the original: its size (up to 7 recurrent layers and 100 million parameters), batch norm inside the
recurrence, and the lookahead convolution of the streaming version. LSTMs in place of plain recurrence, as PyTorch has a
fused CPU kernel for two padded LSTMs. Derived in unit 13_deep_speech.

Paper: D. Amodei et al., "Deep Speech 2: end-to-end speech recognition in English and Mandarin", ICML 2016.
"""

import itertools
from collections.abc import Sequence

from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.nn.bidirectional_lstm import BidirectionalLSTM
from course_lib.nn.masked_batch_norm import MaskedBatchNorm
from course_lib.nn.padding import inside

KERNELS, STRIDES = ((9, 7), (5, 5)), ((2, 2), (2, 1))
"""(frequency, time) of the two convolutions. Time is halved once: letters come faster than words."""


class DeepSpeech(nn.Module):
    """Log-mel features in, logits over letters out, one step for two frames.

    Args:
        classes: output classes with the blank (29 for English letters).
        bands: mel bands of the features.
        channels: of the two convolutions.
        width: units of each LSTM.
        layers: bidirectional recurrent layers.
        dropout: probability that an output of a recurrent layer is zeroed while training.

    Raises:
        ValueError: other than two convolutions, or no recurrent layer.
    """

    def __init__(
        self, classes: int = 29, *, bands: int = 40, channels: Sequence[int] = (8, 16), width: int = 96,
        layers: int = 1, dropout: float = 0.1,
    ):
        super().__init__()
        self.config = {"classes": classes, "bands": bands, "channels": list(channels), "width": width,
                       "layers": layers, "dropout": dropout}
        if len(channels) != len(KERNELS) or layers < 1:
            raise ValueError(f"two convolutions and at least one recurrent layer, got {channels} and {layers}")
        self.convolutions = nn.ModuleList(
            ConvBlock(a, b, kernel, stride)
            for a, b, kernel, stride in zip([1, channels[0]], channels, KERNELS, STRIDES, strict=True)
        )
        for kernel, stride in zip(KERNELS, STRIDES, strict=True):
            bands = conv_length(bands, kernel[0], stride[0], kernel[0] // 2)
        inputs = [channels[-1] * bands] + [2 * width] * (layers - 1)
        self.recurrence = nn.ModuleList(BidirectionalLSTM(size, width) for size in inputs)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(2 * width, classes)

    def forward(
        self, features: Float[Tensor, "batch frames bands"], lengths: Int[Tensor, " batch"],
    ) -> tuple[Float[Tensor, "batch steps classes"], Int[Tensor, " batch"]]:
        """Logits and the number of valid output steps of each utterance.

        Args:
            features: log-mel spectrograms; what stands in the padding does not matter.
            lengths: valid frames of each utterance, at least 1, at most `frames`.
        """
        features = features.masked_fill(~inside(lengths, features.shape[1])[:, :, None], 0.0)
        h = features.transpose(1, 2)[:, None]                          # (batch, 1, bands, frames)
        for block in self.convolutions:
            h, lengths = block(h, lengths)                             # (batch, channels, bands / 2, steps)
        h = h.flatten(1, 2).transpose(1, 2)                            # (batch, steps, channels * bands)
        for layer in self.recurrence:
            h = self.dropout(layer(h, lengths))                        # (batch, steps, 2 * width)
        return self.output(h), lengths                   # (batch, steps, classes)


class ConvBlock(nn.Module):
    """2-D convolution, batch norm over valid cells, clipped ReLU; zero beyond the end of each utterance."""

    def __init__(self, channels_in: int, channels_out: int, kernel: tuple[int, int], stride: tuple[int, int]):
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2)
        self.conv = nn.Conv2d(channels_in, channels_out, kernel, stride, padding, bias=False)
        self.norm = MaskedBatchNorm(channels_out)

    def forward(
        self, x: Float[Tensor, "batch channels_in bands frames"], lengths: Int[Tensor, " batch"],
    ) -> tuple[Float[Tensor, "batch channels_out bands_out steps"], Int[Tensor, " batch"]]:
        """The block's output and its valid lengths."""
        h = self.conv(x)                                               # (batch, channels_out, bands_out, steps)
        lengths = conv_length(lengths, self.conv.kernel_size[1], self.conv.stride[1], self.conv.padding[1])
        mask = inside(lengths, h.shape[-1])                            # (batch, steps)
        h = self.norm(h, mask)
        return nn.functional.hardtanh(h, 0.0, 20.0), lengths           # zero stays zero


def conv_length(length, kernel: int, stride: int, padding: int):
    """Places at which a convolution puts out something: floor((length + 2·padding - kernel) / stride) + 1.

    For a number or a tensor of lengths.

    >>> conv_length(100, 7, 2, 3)
    50
    """
    return (length + 2 * padding - kernel) // stride + 1


def output_steps(frames):
    """Output steps of `DeepSpeech` for a number of feature frames."""
    for (_, kernel), (_, stride) in zip(KERNELS, STRIDES, strict=True):
        frames = conv_length(frames, kernel, stride, kernel // 2)
    return frames


def steps_needed(label: Sequence[int]) -> int:
    """Fewest output steps with which CTC can write a label: one for each symbol, one more between equal neighbours.

    >>> steps_needed([20, 8, 18, 5, 5])
    6
    """
    return len(label) + sum(a == b for a, b in itertools.pairwise(label))
