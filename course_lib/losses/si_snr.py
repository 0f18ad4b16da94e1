"""Scale-invariant signal-to-noise ratio: the loss of the TasNet family."""

import torch
from torch import Tensor

EPS = 1e-8


def si_snr(estimate: Tensor, reference: Tensor, *, zero_mean: bool = True, eps: float = EPS) -> Tensor:
    """Scale-invariant signal-to-noise ratio in dB; higher is better.

    The estimate is split into its projection on the reference, `target = <e, r> r / |r|²`, and the rest; the ratio
    of their energies does not change when the estimate is multiplied by a number other than zero.

    Args:
        estimate, reference: real tensors of shape (..., samples), broadcast against each other.
        zero_mean: remove the mean of both first, so that a constant offset counts neither as signal nor as noise.
        eps: added to each energy, so that silence gives a finite value and a finite gradient.

    Returns:
        Tensor of shape (...), in dB. A silent estimate of a reference that is not silent gives 0 dB
        (`eps` over `eps`), a silent reference a very low value.

    Raises:
        ValueError: the numbers of samples differ.

    Reference: Luo and Mesgarani, "TasNet", ICASSP 2018; Le Roux et al., "SDR - half-baked or well done?", 2019.
    Derived in unit 19_tasnet.

    >>> r = torch.tensor([1.0, -1.0, 1.0, -1.0])
    >>> noise = torch.tensor([0.1, 0.1, -0.1, -0.1])
    >>> round(si_snr(r + noise, r).item(), 3), round(si_snr(7 * (r + noise) + 3, r).item(), 3)
    (20.0, 20.0)
    """
    if estimate.shape[-1] != reference.shape[-1]:
        raise ValueError(f"the estimate has {estimate.shape[-1]} samples, the reference {reference.shape[-1]}")
    if zero_mean:
        estimate = estimate - estimate.mean(-1, keepdim=True)
        reference = reference - reference.mean(-1, keepdim=True)
    gain = (estimate * reference).sum(-1, keepdim=True) / (reference.square().sum(-1, keepdim=True) + eps)
    target = gain * reference
    noise = estimate - target
    return 10 * torch.log10((target.square().sum(-1) + eps) / (noise.square().sum(-1) + eps))


def si_snr_loss(estimate: Tensor, reference: Tensor) -> Tensor:
    """Minus the mean SI-SNR over all leading axes: a scalar to minimise, the order of sources taken as it stands."""
    return -si_snr(estimate, reference).mean()
