"""Batch normalisation over valid frames only: padding has no part in mean and variance.

An ordinary `BatchNorm2d` counts the zeros behind short utterances. The statistics, and with them the output of every
utterance, then depend on how much was padded. Derived in unit 13_deep_speech.

Papers: S. Ioffe, C. Szegedy, "Batch normalization", ICML 2015; C. Laurent et al., "Batch normalized recurrent neural
networks", ICASSP 2016 (statistics over all valid time steps of a batch, as in Deep Speech 2).
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class MaskedBatchNorm(nn.Module):
    """Zero mean and unit variance for each channel over the valid cells of a batch, then a gain and an offset.

    Args:
        channels: of the input, its second axis.
        momentum: share of a new batch in the running statistics, which evaluation uses.
        eps: added to the variance.
    """

    def __init__(self, channels: int, *, momentum: float = 0.1, eps: float = 1e-5):
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(
        self, x: Float[Tensor, "batch channels *places frames"], mask: Float[Tensor, "batch frames"],
    ) -> Float[Tensor, "batch channels *places frames"]:
        """Normalised where `mask` is 1, zero where it is 0; any finite number may stand there in `x`."""
        inside = mask.view(len(mask), *[1] * (x.ndim - 2), -1).to(x)       # (batch, 1, 1, frames)
        axes = [0, *range(2, x.ndim)]
        shape = (1, -1, *[1] * (x.ndim - 2))
        if self.training:
            count = (inside.sum() * (x[0, 0].numel() // x.shape[-1])).clamp(min=1)       # valid cells of one channel
            mean = (x * inside).sum(axes) / count
            var = ((x - mean.view(shape)) * inside).square().sum(axes) / count
            with torch.no_grad():
                unbiased = var * count / (count - 1).clamp(min=1)
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(unbiased, self.momentum)
        else:
            mean, var = self.running_mean, self.running_var
        scale = self.weight * (var + self.eps).rsqrt()
        return (x * scale.view(shape) + (self.bias - mean * scale).view(shape)) * inside
