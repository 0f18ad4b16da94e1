"""A small recogniser of symbol strings: strided convolutions, a bidirectional LSTM, one softmax per output step.

Nothing in the network knows how it is trained: with `losses.ctc_loss` it needs the label string only, with a
cross-entropy per step it needs an alignment. Unit 12_ctc trains the same network both ways.

Conventions: `batch` utterances padded to `frames`; features are (batch, frames, bands), outputs (batch, steps, classes)
with steps = ceil(frames / 4); class 0 is the blank (for a framewise network: "no symbol"). What lies beyond the end of
an utterance has no influence on its outputs.

The bidirectional LSTM is the network of the CTC paper (Graves et al. 2006).
"""

from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.nn.bidirectional_lstm import BidirectionalLSTM
from course_lib.nn.padding import inside

SUBSAMPLING = 4


class CTCRecogniser(nn.Module):
    """Log-mel features in, logits out, one output step for `SUBSAMPLING` feature frames.

    The two strided convolutions look at about 0.1 s and throw away three frames of four: fewer steps make CTC cheaper
    and its alignments shorter. The LSTMs read the whole utterance, one from each end. Unit 12_ctc.

    Args:
        classes: output classes with the blank (digits: 11).
        bands: mel bands of the features.
        width: channels of the convolutions and units of each LSTM.
        dropout: probability that an input of the LSTMs and of the output layer is zeroed while training.
    """

    def __init__(self, classes: int = 11, *, bands: int = 40, width: int = 96, dropout: float = 0.2):
        super().__init__()
        self.convolutions = nn.ModuleList([ConvBlock(bands, width, stride=2), ConvBlock(width, width, stride=2)])
        self.dropout = nn.Dropout(dropout)
        self.recurrence = BidirectionalLSTM(width, width)
        self.output = nn.Linear(2 * width, classes)

    def forward(
        self, features: Float[Tensor, "batch frames bands"], lengths: Int[Tensor, " batch"],
    ) -> tuple[Float[Tensor, "batch steps classes"], Int[Tensor, " batch"]]:
        """Logits and the number of valid output steps of each utterance.

        Args:
            features: log-mel spectrograms, zero where padded.
            lengths: valid frames of each utterance, at least 1, at most `frames`.
        """
        h = features.transpose(1, 2)                                   # (batch, bands, frames)
        for block in self.convolutions:
            lengths = (lengths + 1) // 2
            h = block(h)                                               # (batch, width, frames / 2), then / 4
            h = h * inside(lengths, h.shape[-1])[:, None]              # nothing from beyond the end
        h = self.dropout(h.transpose(1, 2))                            # (batch, steps, width)
        h = self.recurrence(h, lengths)                                # (batch, steps, 2 * width)
        return self.output(self.dropout(h)), lengths                   # (batch, steps, classes)


class ConvBlock(nn.Module):
    """Convolution over time, layer norm over channels, GELU: (batch, in, frames) → (batch, out, frames / stride)."""

    def __init__(self, channels_in: int, channels_out: int, *, stride: int, kernel: int = 5):
        super().__init__()
        self.conv = nn.Conv1d(channels_in, channels_out, kernel, stride=stride, padding=kernel // 2)
        self.norm = nn.LayerNorm(channels_out)

    def forward(self, x: Float[Tensor, "batch channels_in frames"]) -> Float[Tensor, "batch channels_out steps"]:
        """Half the frames for a stride of two, rounded up."""
        h = self.conv(x).transpose(1, 2)                               # (batch, steps, channels_out)
        return nn.functional.gelu(self.norm(h)).transpose(1, 2)        # (batch, channels_out, steps)


def output_steps(lengths: Int[Tensor, " batch"]) -> Int[Tensor, " batch"]:
    """Output steps for a number of feature frames: each of the two convolutions halves it, rounded up."""
    return (lengths + SUBSAMPLING - 1) // SUBSAMPLING
