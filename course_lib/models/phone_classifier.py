"""A forced aligner of the usual kind: a network names the phone of each frame, and Viterbi fits the text to that.

It is the baseline of unit 14_attention. It is trained with the exact place of every phone, and it does not separate.
"""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.models.monotone_alignment import Alignment, align_scores
from course_lib.nn.bidirectional_lstm import BidirectionalLSTM


class PhoneClassifier(nn.Module):
    """Compressed magnitudes in, logits of the phone of each frame out.

    Args:
        bins: frequency bins.
        symbols: phones with the pause.
        width: units of each direction of each LSTM.
        layers: recurrent layers.
    """

    def __init__(self, bins: int = 257, symbols: int = 41, *, width: int = 64, layers: int = 1):
        super().__init__()
        self.config = {"bins": bins, "symbols": symbols, "width": width, "layers": layers}
        self.encoder = BidirectionalLSTM(bins, width, layers)
        self.output = nn.Linear(2 * width, symbols)

    def forward(
        self, mixture: Float[Tensor, "batch frames bins"], lengths: Int[Tensor, " batch"],
    ) -> Float[Tensor, "batch frames symbols"]:
        """Logits; those beyond the end of a phrase mean nothing."""
        return self.output(self.encoder(mixture, lengths))             # (batch, frames, symbols)

    @torch.no_grad()
    def scores(
        self, mixture: Float[Tensor, "batch frames bins"], lengths: Int[Tensor, " batch"],
    ) -> list[Float[np.ndarray, "frames symbols"]]:
        """ln p(phone | frame) of each phrase."""
        log_p = self(mixture, lengths).log_softmax(-1).cpu().double().numpy()
        return [row[:n] for row, n in zip(log_p, lengths.tolist(), strict=True)]


def force_align(
    log_p: Float[np.ndarray, "frames alphabet"], symbols: Int[np.ndarray, " symbols"], hop_seconds: float,
) -> Alignment:
    """The text on the frames: each symbol of the text gets the column of its phone, then the best monotone path.

    Raises:
        ValueError: a symbol outside the alphabet, or see `align_scores`.
    """
    columns = np.asarray(symbols, np.int64)
    if ((columns < 0) | (columns >= log_p.shape[1])).any():
        raise ValueError(f"the symbols {columns.tolist()} must lie in 0 to {log_p.shape[1] - 1}, the columns of log_p")
    return align_scores(log_p[:, columns], hop_seconds)
