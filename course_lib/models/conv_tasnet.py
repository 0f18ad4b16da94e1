"""Conv-TasNet: a learned filterbank, a convolutional masker, a learned way back to the waveform."""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from course_lib.nn import TCN, GlobalLayerNorm


class ConvTasNet(nn.Module):
    """Separate a waveform into `sources` waveforms.

    Args:
        sources: number of outputs C.
        filters: number of encoder filters N.
        length: filter length L in samples, even; the hop is L/2.
        bottleneck, hidden, kernel, blocks, repeats: B, H, P, X and R of the `TCN`.
        mask: "sigmoid" (each mask in 0..1, as in the paper) or "softmax" (the masks of one bin sum to one).
        consistent: share the error of the sum of the outputs equally among them, so that they add up to the mixture.
            Of use with losses that keep the level (MixIT); SI-SNR leaves the level of each output free.

    Raises:
        ValueError: an odd filter length, or an unknown mask.

    Reference: Luo and Mesgarani, "Conv-TasNet: surpassing ideal time-frequency magnitude masking for speech
    separation", IEEE TASLP 2019; mixture consistency: Wisdom et al., 2019. Derived in unit 19_tasnet.
    """

    def __init__(
        self, sources: int = 2, *, filters: int = 128, length: int = 16, bottleneck: int = 64, hidden: int = 128,
        kernel: int = 3, blocks: int = 6, repeats: int = 2, mask: str = "sigmoid", consistent: bool = False,
    ):
        super().__init__()
        if length % 2:
            raise ValueError(f"the filter length must be even (the hop is half of it), got {length}")
        if mask not in ("sigmoid", "softmax"):
            raise ValueError(f'mask must be "sigmoid" or "softmax", got {mask!r}')
        self.sources, self.filters, self.length, self.hop = sources, filters, length, length // 2
        self.mask, self.consistent = mask, consistent
        self.encoder = nn.Conv1d(1, filters, length, stride=self.hop, bias=False)
        self.masker = nn.Sequential(
            GlobalLayerNorm(filters),
            nn.Conv1d(filters, bottleneck, 1),
            TCN(bottleneck, hidden, kernel=kernel, blocks=blocks, repeats=repeats),
            nn.PReLU(),
            nn.Conv1d(bottleneck, sources * filters, 1),
        )
        self.decoder = nn.ConvTranspose1d(filters, 1, length, stride=self.hop, bias=False)

    def encode(self, mixture: Tensor) -> Tensor:
        """(batch, samples) → (batch, filters, frames), not negative: the size of each filter's answer."""
        samples = mixture.shape[-1]
        tail = -samples % self.hop
        x = pad(mixture, (self.hop, self.hop + tail))                      # every sample lies in two frames
        return torch.relu(self.encoder(x[:, None]))

    def masks(self, encoded: Tensor) -> Tensor:
        """(batch, filters, frames) → (batch, sources, filters, frames), each in 0..1."""
        logits = self.masker(encoded)                                      # (batch, sources * filters, frames)
        logits = logits.unflatten(1, (self.sources, self.filters))
        return logits.softmax(1) if self.mask == "softmax" else logits.sigmoid()

    def decode(self, masked: Tensor, samples: int) -> Tensor:
        """(batch, sources, filters, frames) → (batch, sources, samples) by overlap-add of learned filters."""
        batch, sources = masked.shape[:2]
        y = self.decoder(masked.flatten(0, 1))                             # (batch * sources, 1, padded samples)
        return y.view(batch, sources, -1)[..., self.hop : self.hop + samples]

    def forward(self, mixture: Tensor) -> Tensor:
        """(batch, samples) → (batch, sources, samples)."""
        encoded = self.encode(mixture)                                     # (batch, N, frames)
        masked = self.masks(encoded) * encoded[:, None]                    # (batch, C, N, frames)
        y = self.decode(masked, mixture.shape[-1])                         # (batch, C, samples)
        if self.consistent:
            y = y + (mixture - y.sum(1))[:, None] / self.sources
        return y
