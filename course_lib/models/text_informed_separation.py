"""Text-informed separation: a voice is taken out of a mixture by a network that knows what is being said.

    mixture frames ──▶ BLSTM ──▶ g ──┬────────────▶ [c, g] ─▶ tanh ─▶ BLSTM ─▶ ReLU ──▶ voice
                                     └─▶ attention ──▲
    phones of the text ─▶ BLSTM ─▶ h ───────┘

With attention (`side="text"`) the text has no times, and the weights say which phone the network used in each frame:
separation and alignment are learned together. With `side="frames"` the side information has one symbol per frame, its
encoding at the frame is the context, and there is nothing to attend to: the sequential way, for phones aligned before,
for voice activity, or for a constant.

Conventions: compressed magnitudes (batch, frames, bins) in and out; symbols are indices. What is beyond the end of a
phrase or of its text has no influence.

Papers: Schulze-Forster, Doire, Richard and Badeau, "Joint phoneme alignment and text-informed speech separation on
highly corrupted speech", ICASSP 2020; the same, "Phoneme level lyrics alignment and text-informed singing voice
separation", TASLP 2021. Unit 14_attention.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.nn.attention import BilinearAttention
from course_lib.nn.bidirectional_lstm import BidirectionalLSTM
from course_lib.nn.padding import inside


class TextInformedSeparator(nn.Module):
    """Mixture and side information in, magnitudes of the voice and attention weights out.

    Args:
        bins: frequency bins.
        symbols: size of the alphabet of the side information.
        width: units of each direction of each LSTM.
        layers: of each of the three recurrent networks; the paper has 2.
        side: "text" (attention) or "frames" (one symbol per frame).
    """

    def __init__(self, bins: int = 257, symbols: int = 41, *, width: int = 64, layers: int = 1, side: str = "text"):
        super().__init__()
        if side not in ("text", "frames"):
            raise ValueError(f"side={side!r}: give 'text' or 'frames'.")
        self.config = {"bins": bins, "symbols": symbols, "width": width, "layers": layers, "side": side}
        self.mixture_encoder = BidirectionalLSTM(bins, width, layers)
        self.embedding = nn.Embedding(symbols, width)
        self.text_encoder = BidirectionalLSTM(width, width, layers)
        self.attention = BilinearAttention(2 * width, 2 * width) if side == "text" else None
        self.joining = nn.Linear(4 * width, 2 * width)
        self.decoder = BidirectionalLSTM(2 * width, width, layers)
        self.output = nn.Linear(2 * width, bins)

    def forward(
        self,
        mixture: Float[Tensor, "batch frames bins"],
        lengths: Int[Tensor, " batch"],
        symbols: Int[Tensor, "batch symbols"],
        symbol_lengths: Int[Tensor, " batch"],
    ) -> tuple[Float[Tensor, "batch frames bins"], Float[Tensor, "batch frames symbols"] | None]:
        """(magnitudes of the voice, attention weights); no weights where each frame has its own symbol."""
        g = self.mixture_encoder(mixture, lengths)  # (batch, frames, 2 * width)
        h = self.text_encoder(self.embedding(symbols), symbol_lengths)  # (batch, symbols, 2 * width)
        if self.attention is None:
            c, weights = h, None  # symbols = frames
        else:
            c, weights = self.attention(g, h, inside(symbol_lengths, h.shape[1]))
        q = torch.tanh(self.joining(torch.cat([c, g], dim=2)))  # q1 = tanh(W1 [c, g] + b1)
        q = self.decoder(q, lengths)  # q2
        voice = torch.relu(self.output(q))  # max(0, W2 q2 + b2)
        return voice * inside(lengths, voice.shape[1])[:, :, None], weights


def spectrogram_loss(
    estimate: Float[Tensor, "batch frames bins"],
    voice: Float[Tensor, "batch frames bins"],
    lengths: Int[Tensor, " batch"],
) -> Tensor:
    """Mean squared error over the bins that exist."""
    return (estimate - voice).square().sum() / (lengths.sum() * voice.shape[2])


def diagonal_penalty(
    weights: Float[Tensor, "batch frames symbols"],
    lengths: Int[Tensor, " batch"],
    symbol_lengths: Int[Tensor, " batch"],
    width: float = 0.15,
) -> Tensor:
    """Guided attention: the mean weight that lies away from the diagonal of a phrase.

    It knows nothing of the true alignment, only that a text is read from its start to its end at a steady pace.

    Args:
        width: distance from the diagonal, as a share of the phrase, at which the penalty is 1 - exp(-1/2).

    Reference: Tachibana, Uenoyama and Aihara, ICASSP 2018.
    """
    frames, symbols = weights.shape[1:]
    n = (torch.arange(frames, device=weights.device) + 0.5) / lengths[:, None]
    m = (torch.arange(symbols, device=weights.device) + 0.5) / symbol_lengths[:, None]
    away = 1 - torch.exp(-((n[:, :, None] - m[:, None]) ** 2) / (2 * width**2))
    return (weights * away * inside(lengths, frames)[:, :, None]).sum() / lengths.sum()
