"""WaveNet: the distribution of the next sample, given all samples before it and a condition.

    p(x_1 ... x_T | condition) = Π_t p(x_t | x_1 ... x_{t-1}, condition),   x_t one of 256 μ-law classes.

Two stacks of gated residual blocks with dilations 1, 2, 4, ... read the past; the sum of their skip outputs becomes a
softmax over classes. Training sees all t at once; generation goes sample by sample (`models.wavenet_generation`).

Conventions: signals are (batch, samples), hidden layers (batch, channels, samples). The network reads the class of a
sample as its place 2k/255 - 1 on the logarithmic scale; before the first sample it reads 0, silence.

Derived in unit 15_wavenet. Papers: A. van den Oord et al., "WaveNet: a generative model for raw audio", 2016.
"""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.nn.causal_convolution import CausalConv1d, causal_receptive_field
from course_lib.signal.mu_law import class_position


class WaveNet(nn.Module):
    """Logits of the class of each sample from the samples before it.

    Args:
        channels: of the residual path. skip: of the sum of skips.
        blocks: per stack, the last with dilation 2^(blocks-1); stacks: how often; kernel: taps of each convolution.
        classes: of the μ-law.
        global_size: features that hold for a whole sound (one-hot speaker and digit); 0 for none.
        local_size: features per frame (phones, f0); 0 for none.
        upsampling: factors of the learned upsampling; their product is the samples per frame.
        local_channels: of the upsampled local condition.

    Derived in unit 15_wavenet.
    """

    def __init__(
        self, *, channels: int = 32, skip: int = 32, blocks: int = 10, stacks: int = 2, kernel: int = 2,
        classes: int = 256, global_size: int = 0, local_size: int = 0, upsampling: tuple[int, ...] = (8, 10),
        local_channels: int = 16,
    ):
        super().__init__()
        self.config = {
            "channels": channels, "skip": skip, "blocks": blocks, "stacks": stacks, "kernel": kernel,
            "classes": classes, "global_size": global_size, "local_size": local_size,
            "upsampling": list(upsampling), "local_channels": local_channels,
        }
        self.classes, self.kernel = classes, kernel
        self.dilations = [2**i for i in range(blocks)] * stacks
        self.upsample = Upsampler(local_size, local_channels, upsampling) if local_size else None
        self.input = nn.Conv1d(1, channels, 1)
        self.blocks = nn.ModuleList(
            GatedBlock(channels, skip, kernel=kernel, dilation=dilation, global_size=global_size,
                       local_size=local_channels if local_size else 0)
            for dilation in self.dilations
        )
        self.output = nn.Sequential(nn.ReLU(), nn.Conv1d(skip, skip, 1), nn.ReLU(), nn.Conv1d(skip, classes, 1))

    @property
    def receptive_field(self) -> int:
        """Samples before x_t on which its distribution depends."""
        return causal_receptive_field(self.kernel, self.dilations)

    def forward(
        self, past: Float[Tensor, "batch samples"], world: Float[Tensor, "batch features"] | None = None,
        local: Float[Tensor, "batch local_features frames"] | None = None,
    ) -> Float[Tensor, "batch classes samples"]:
        """Logits of sample t from past[:, : t + 1].

        Args:
            past: what the network has heard *before* each sample, `past_of(classes)`.
            world: the global condition; local: the local one, with at least samples / (samples per frame) frames.
        """
        y = None if self.upsample is None else self.upsample(local)[..., : past.shape[-1]]
        return self.logits(past, world, y)

    def logits(self, past: Tensor, world: Tensor | None = None, y: Tensor | None = None) -> Tensor:
        """`forward` with a local condition y (batch, local_channels, samples) that is upsampled already."""
        x = self.input(past[:, None])                              # (batch, channels, samples)
        skips = 0.0
        for block in self.blocks:
            x, skip = block(x, world, y)                           # both (batch, channels or skip, samples)
            skips = skips + skip
        return self.output(skips / math.sqrt(len(self.blocks)))    # (batch, classes, samples)

    def bits(
        self, classes: Int[Tensor, "batch samples"], world: Tensor | None = None, local: Tensor | None = None, *,
        past: Float[Tensor, "batch samples"] | None = None,
    ) -> Float[Tensor, "batch samples"]:
        """-log2 p(x_t | past, condition) of every sample: the mean of it is the loss.

        Args:
            past: what the network hears in place of `past_of(classes)`, such as that with noise.
        """
        past = past_of(classes, self.classes) if past is None else past
        return class_bits(self(past, world, local), classes)


class GatedBlock(nn.Module):
    """Dilated causal convolution, condition, gate, then a 1×1 convolution to the next block and one to the skips.

        a = W * x + V g + U y,     z = tanh(a_filter) ⊙ σ(a_gate),     x + R z,     S z

    The condition enters *before* the gate; g is the same for all samples, y has a value for each.
    """

    def __init__(
        self, channels: int, skip: int, *, kernel: int = 2, dilation: int = 1, global_size: int = 0,
        local_size: int = 0,
    ):
        super().__init__()
        self.conv = CausalConv1d(channels, 2 * channels, kernel, dilation=dilation)
        self.of_global = nn.Linear(global_size, 2 * channels, bias=False) if global_size else None
        self.of_local = nn.Conv1d(local_size, 2 * channels, 1, bias=False) if local_size else None
        self.residual = nn.Conv1d(channels, channels, 1)
        self.skip = nn.Conv1d(channels, skip, 1)

    def forward(self, x: Tensor, world: Tensor | None = None, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(batch, channels, samples) → (same shape, (batch, skip, samples))."""
        return self.gated(x, self.conv(x), world, y)

    def gated(
        self, x: Tensor, a: Tensor, world: Tensor | None = None, y: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """`forward` from the convolution on: a = W * x is (batch, 2 channels, samples)."""
        if self.of_global is not None:
            a = a + self.of_global(world)[..., None]               # the same at every sample
        if self.of_local is not None:
            a = a + self.of_local(y)
        filtered, gate = a.chunk(2, dim=1)
        z = torch.tanh(filtered) * torch.sigmoid(gate)             # (batch, channels, samples)
        return x + self.residual(z), self.skip(z)


class Upsampler(nn.Module):
    """Frames to samples by transposed convolutions, each with a kernel of twice its stride: neighbours overlap."""

    def __init__(self, size: int, channels: int, factors: tuple[int, ...]):
        super().__init__()
        self.frames = nn.Conv1d(size, channels, 3, padding=1)
        self.steps = nn.ModuleList(
            nn.ConvTranspose1d(channels, channels, 2 * f, stride=f, padding=f // 2) for f in factors
        )

    def forward(self, local: Float[Tensor, "batch features frames"]) -> Float[Tensor, "batch channels samples"]:
        """At least frames · (product of the factors) samples."""
        y = self.frames(local)
        for step in self.steps:
            y = step(nn.functional.leaky_relu(y, 0.2))
        return y


def class_bits(
    logits: Float[Tensor, "batch classes samples"], classes: Int[Tensor, "batch samples"],
) -> Float[Tensor, "batch samples"]:
    """-log2 of the probability that each sample's class was given."""
    return nn.functional.cross_entropy(logits, classes, reduction="none") / math.log(2)


def past_of(classes: Int[Tensor, "batch samples"], number: int = 256) -> Float[Tensor, "batch samples"]:
    """What the network has heard before each sample: silence (0) first, then every sample but the last."""
    return nn.functional.pad(class_position(classes[:, :-1], number), (1, 0))
