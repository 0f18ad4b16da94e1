"""Attention encoder-decoder recogniser: an encoder listens, a decoder spells, attention says where it looks.

Conventions: features (batch, frames, bands) as for `CTCRecogniser`; symbols are class indices, and class 0 is the edge
of a string: the decoder reads it first and writes it last. Encoder steps are frames / 4, rounded up.

Papers: Chorowski et al., "Attention-based models for speech recognition", NIPS 2015; Chan et al., "Listen, attend and
spell", ICASSP 2016. Unit 14_attention.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.models.ctc_recogniser import ConvBlock
from course_lib.nn.attention import AdditiveAttention, BilinearAttention
from course_lib.nn.bidirectional_lstm import BidirectionalLSTM
from course_lib.nn.padding import inside

EDGE = 0


class Transcript(NamedTuple):
    """What the decoder wrote for one utterance."""

    symbols: list[int]
    weights: Float[Tensor, "symbols steps"]
    """Where it looked for each symbol; the last row belongs to the end of the string if it came to an end."""


class AttentionRecogniser(nn.Module):
    """Log-mel features in, one distribution for each symbol of the string out.

    Args:
        classes: symbols with the edge (digits: 11).
        bands: mel bands of the features.
        width: channels of the convolutions, units of the LSTMs.
        score: "additive" or "bilinear".
        dropout: probability that an input of the encoder LSTM and of the output layer is zeroed while training.
    """

    def __init__(
        self, classes: int = 11, *, bands: int = 40, width: int = 96, score: str = "additive", dropout: float = 0.2
    ):
        super().__init__()
        if score not in ("additive", "bilinear"):
            raise ValueError(f"score={score!r}: give 'additive' or 'bilinear'.")
        self.config = {"classes": classes, "bands": bands, "width": width, "score": score, "dropout": dropout}
        self.convolutions = nn.ModuleList([ConvBlock(bands, width, stride=2), ConvBlock(width, width, stride=2)])
        self.encoder = BidirectionalLSTM(width, width)
        self.embedding = nn.Embedding(classes, width)
        self.decoder = nn.LSTMCell(3 * width, width)
        self.attention = {"additive": AdditiveAttention, "bilinear": BilinearAttention}[score](width, 2 * width)
        self.output = nn.Linear(3 * width, classes)
        self.dropout = nn.Dropout(dropout)

    def encode(
        self, features: Float[Tensor, "batch frames bands"], lengths: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch steps size"], Int[Tensor, " batch"]]:
        """Encoder states h and the number of valid steps of each utterance."""
        h = features.transpose(1, 2)  # (batch, bands, frames)
        for block in self.convolutions:
            lengths = (lengths + 1) // 2
            h = block(h)  # (batch, width, frames / 2), then / 4
            h = h * inside(lengths, h.shape[-1])[:, None]
        return self.encoder(self.dropout(h.transpose(1, 2)), lengths), lengths

    def forward(
        self,
        features: Float[Tensor, "batch frames bands"],
        lengths: Int[Tensor, " batch"],
        labels: Int[Tensor, "batch symbols"],
    ) -> tuple[Float[Tensor, "batch symbols_1 classes"], Float[Tensor, "batch symbols_1 steps"]]:
        """Logits and attention weights for each symbol and the end, given the true symbols before (teacher forcing).

        Args:
            labels: the strings, padded with anything below `classes`; row i of the result is about symbol i.
        """
        h, steps = self.encode(features, lengths)
        mask = inside(steps, h.shape[1])
        before = nn.functional.pad(labels.clamp_min(EDGE), (1, 0), value=EDGE)  # (batch, symbols + 1)
        state, logits, weights = self.start(h), [], []
        for symbol in before.unbind(1):
            row, looked, state = self.step(symbol, state, h, mask)
            logits.append(row)
            weights.append(looked)
        return torch.stack(logits, 1), torch.stack(weights, 1)

    def start(self, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """State before the first symbol: LSTM output, LSTM cell, context."""
        zeros = h.new_zeros(len(h), self.decoder.hidden_size)
        return zeros, zeros, h.new_zeros(len(h), h.shape[2])

    def step(
        self, symbol: Int[Tensor, " batch"], state: tuple, h: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor, tuple]:
        """One symbol: read the last one and the last context, look, write. (logits, weights, new state)"""
        output, cell, seen = state
        output, cell = self.decoder(torch.cat([self.embedding(symbol), seen], 1), (output, cell))
        c, weights = self.attention(output[:, None], h, mask)  # (batch, 1, 2 * width), (batch, 1, steps)
        seen = c[:, 0]
        return self.output(self.dropout(torch.cat([output, seen], 1))), weights[:, 0], (output, cell, seen)

    @torch.no_grad()
    def transcribe(
        self, features: Float[Tensor, "batch frames bands"], lengths: Int[Tensor, " batch"], limit: int = 30
    ) -> list[Transcript]:
        """Greedy decoding: the most likely symbol at each step, until the edge or `limit` symbols; call `eval()` first.

        Raises:
            ValueError: a limit below 1.
        """
        if limit < 1:
            raise ValueError(f"limit={limit}: at least one symbol must be allowed")
        h, steps = self.encode(features, lengths)
        mask = inside(steps, h.shape[1])
        symbol, state = torch.full((len(h),), EDGE, device=h.device), self.start(h)
        written, looked = [], []
        for _ in range(limit):
            logits, weights, state = self.step(symbol, state, h, mask)
            symbol = logits.argmax(1)
            written.append(symbol)
            looked.append(weights)
            if torch.stack(written).eq(EDGE).any(0).all():
                break
        return [
            _cut(row, weights[:, :n].cpu())
            for row, weights, n in zip(
                torch.stack(written, 1).tolist(), torch.stack(looked, 1), steps.tolist(), strict=True
            )
        ]


def string_loss(
    logits: Float[Tensor, "batch symbols_1 classes"],
    labels: Int[Tensor, "batch symbols"],
    label_lengths: Int[Tensor, " batch"],
) -> Tensor:
    """Cross-entropy per symbol, the edge at the end of each string included; what is beyond it does not count."""
    place = torch.arange(logits.shape[1], device=labels.device)
    target = nn.functional.pad(labels, (0, 1)).masked_fill(place >= label_lengths[:, None], EDGE)
    target = target.masked_fill(place > label_lengths[:, None], -100)
    return nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten())


def _cut(row: list[int], weights: Tensor) -> Transcript:
    end = row.index(EDGE) if EDGE in row else len(row)
    return Transcript(row[:end], weights[: end + 1])
