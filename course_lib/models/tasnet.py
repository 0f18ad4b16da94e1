"""TasNet: the first of its family, with a gated encoder, an LSTM masker and softmax masks."""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad


class TasNet(nn.Module):
    """Separate a waveform into `sources` waveforms with a recurrent masker.

    The waveform is cut into segments without overlap. Each is scaled to unit length, encoded by a gated filterbank
    ReLU(U x) ⊙ σ(V x), masked, decoded, and scaled back.

    Args:
        sources: number of outputs C.
        filters: number of encoder filters N.
        length: segment length L in samples (5 ms in the paper).
        hidden: units of the LSTM (of each direction).
        layers: LSTM layers.
        bidirectional: hear the future too; False runs in real time.

    Reference: Luo and Mesgarani, "TasNet: time-domain audio separation network for real-time, single-channel speech
    separation", ICASSP 2018. Shown in unit 19_tasnet. The paper's extra residual between its LSTM layers is left out.
    """

    def __init__(
        self, sources: int = 2, *, filters: int = 128, length: int = 40, hidden: int = 128, layers: int = 2,
        bidirectional: bool = True,
    ):
        super().__init__()
        self.sources, self.filters, self.length = sources, filters, length
        self.basis = nn.Linear(length, filters, bias=False)
        self.gate = nn.Linear(length, filters, bias=False)
        self.norm = nn.LayerNorm(filters)
        self.lstm = nn.LSTM(filters, hidden, layers, batch_first=True, bidirectional=bidirectional)
        self.to_masks = nn.Linear(hidden * (2 if bidirectional else 1), sources * filters)
        self.decoder = nn.Linear(filters, length, bias=False)

    def encode(self, mixture: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, samples) → (batch, segments, filters), not negative, and the segments' lengths for `decode`."""
        segments = pad(mixture, (0, -mixture.shape[-1] % self.length)).unflatten(-1, (-1, self.length))
        norm = segments.norm(dim=-1, keepdim=True) + 1e-8                  # (batch, segments, 1)
        unit = segments / norm
        return torch.relu(self.basis(unit)) * torch.sigmoid(self.gate(unit)), norm

    def masks(self, encoded: Tensor) -> Tensor:
        """(batch, segments, filters) → (batch, sources, segments, filters); the masks of one bin sum to one."""
        hidden, _ = self.lstm(self.norm(encoded))                          # (batch, segments, H)
        logits = self.to_masks(hidden).unflatten(-1, (self.sources, self.filters))
        return logits.softmax(2).transpose(1, 2)

    def decode(self, masked: Tensor, norm: Tensor, samples: int) -> Tensor:
        """(batch, sources, segments, filters) → (batch, sources, samples)."""
        return (self.decoder(masked) * norm[:, None]).flatten(2)[..., :samples]

    def forward(self, mixture: Tensor) -> Tensor:
        """(batch, samples) → (batch, sources, samples)."""
        encoded, norm = self.encode(mixture)
        return self.decode(self.masks(encoded) * encoded[:, None], norm, mixture.shape[-1])
