"""Global layer normalisation: one mean and one variance per example, over channels and time."""

from torch import Tensor, nn


class GlobalLayerNorm(nn.GroupNorm):
    """Normalise (batch, channels, time) to zero mean and unit variance over channels *and* time, then scale and shift.

        gLN(x) = (x - E[x]) / sqrt(Var[x] + eps) * γ + β,   E and Var over (channels, time), γ and β per channel

    Each example has its own statistics, so the batch size does not matter; they cover the whole excerpt, so a network
    with this norm is not causal. It is group normalisation with one group, which torch computes in one kernel.

    Args:
        channels: number of channels; `weight` (γ) and `bias` (β) have this length.
        eps: added to the variance.

    Reference: Luo and Mesgarani, "Conv-TasNet", 2019, section II.C. Derived in unit 19_tasnet.
    """

    def __init__(self, channels: int, *, eps: float = 1e-8):
        super().__init__(1, channels, eps=eps)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, time) → same shape."""
        return super().forward(x)
