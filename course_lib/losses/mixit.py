"""Mixture-invariant training: learn to separate from mixtures alone, never seeing a source."""

from itertools import product

import torch
from torch import Tensor

SNR_MAX_DB = 30.0


def thresholded_snr_loss(estimate: Tensor, reference: Tensor, *, snr_max: float = SNR_MAX_DB) -> Tensor:
    """Minus the signal-to-noise ratio in dB, flattened near `snr_max` so that one solved example does not dominate.

    `10 log10(|r - e|² + τ |r|²) - 10 log10 |r|²` with τ = 10^(-snr_max / 10). Not scale-invariant: in MixIT the sum
    of the outputs must have the level of the mixture.

    Args:
        estimate, reference: (..., samples), broadcast against each other.
        snr_max: best reachable value in dB.

    Returns:
        (...) in dB, lower is better. A silent reference is floored at an energy of 1e-8.
    """
    tau = 10 ** (-snr_max / 10)
    energy = reference.square().sum(-1) + 1e-8
    return 10 * torch.log10((reference - estimate).square().sum(-1) + tau * energy) - 10 * torch.log10(energy)


def assignments(outputs: int, mixtures: int = 2) -> Tensor:
    """All ways to give each output to one mixture: (mixtures ** outputs, mixtures, outputs), columns one-hot.

    >>> assignments(3).shape
    torch.Size([8, 2, 3])
    """
    choice = torch.tensor(list(product(range(mixtures), repeat=outputs)))
    return torch.nn.functional.one_hot(choice, mixtures).mT.float()


def mixit(estimates: Tensor, mixtures: Tensor, *, snr_max: float = SNR_MAX_DB) -> tuple[Tensor, Tensor]:
    """Loss of the best way to sum the outputs back into the reference mixtures, for each example by itself.

    Args:
        estimates: (batch, outputs, samples), what the model made of the sum of the mixtures.
        mixtures: (batch, mixtures, samples), usually two.
        snr_max: see `thresholded_snr_loss`.

    Returns:
        (loss, assignment): (batch,), the mean over the mixtures, and (batch, outputs), int64: the mixture that each
        output belongs to.

    Reference: Wisdom et al., "Unsupervised sound separation using mixture invariant training", NeurIPS 2020.
    Derived in unit 19_tasnet.
    """
    table = assignments(estimates.shape[1], mixtures.shape[1]).to(estimates)          # (A, mixtures, outputs)
    remixed = torch.einsum("amo,bot->bamt", table, estimates)                         # (batch, A, mixtures, samples)
    losses = thresholded_snr_loss(remixed, mixtures[:, None], snr_max=snr_max).mean(-1)   # (batch, A)
    best = losses.argmin(-1)
    return losses.gather(1, best[:, None])[:, 0], table.argmax(1)[best]
