"""Permutation-invariant training: the loss of the best assignment of outputs to sources, found for each example."""

from collections.abc import Callable
from itertools import permutations

import numpy as np
import torch
from torch import Tensor

from course_lib.losses.si_snr import si_snr

# Trying 24 permutations costs next to nothing and stays on the GPU; the Hungarian algorithm runs on the CPU, but is 15
# times faster at 6 sources and 800 times at 8 (benchmarks/bench_tasnet.py).
BRUTE_FORCE_UP_TO = 4


def pairwise(loss: Callable[[Tensor, Tensor], Tensor], estimate: Tensor, reference: Tensor) -> Tensor:
    """Loss of every output against every source.

    Args:
        loss: maps two tensors (..., samples) that broadcast to (...).
        estimate, reference: (batch, sources, samples).

    Returns:
        (batch, outputs, sources): entry [b, i, j] is `loss(estimate[b, i], reference[b, j])`.
    """
    return loss(estimate[:, :, None], reference[:, None, :])


def permutation_invariant(pairs: Tensor, *, method: str = "auto") -> tuple[Tensor, Tensor]:
    """Smallest mean loss over all permutations, for each example by itself.

    Args:
        pairs: (batch, outputs, sources) from `pairwise`, square in its last two axes.
        method: "brute" tries all permutations in one gather, "hungarian" solves the assignment problem
            (`scipy.optimize.linear_sum_assignment`), "auto" takes the faster one for this number of sources.

    Returns:
        (loss, permutation): (batch,) and (batch, sources), int64. `permutation[b, j]` is the output that stands for
        source j, so that `estimate[b, permutation[b]]` is in the order of the references.

    Raises:
        ValueError: not square, or an unknown method.

    Reference: Yu et al., "Permutation invariant training of deep models", ICASSP 2017; Kolbaek et al., 2017 (uPIT).
    Derived in unit 19_tasnet.

    >>> permutation_invariant(torch.tensor([[[9.0, 1.0], [2.0, 9.0]]]))
    (tensor([1.5000]), tensor([[1, 0]]))
    """
    sources = pairs.shape[-1]
    if pairs.ndim != 3 or pairs.shape[1] != sources:
        raise ValueError(f"pairwise losses must have shape (batch, sources, sources), got {tuple(pairs.shape)}")
    if method not in ("auto", "brute", "hungarian"):
        raise ValueError(f'method must be "auto", "brute" or "hungarian", got {method!r}')
    brute = method == "brute" or (method == "auto" and sources <= BRUTE_FORCE_UP_TO)
    permutation = _brute_force(pairs) if brute else _hungarian(pairs)
    # pairs[b, permutation[b, j], j], averaged over j; gather keeps the gradient.
    loss = pairs.gather(1, permutation[:, None, :]).mean((1, 2))
    return loss, permutation


def _brute_force(pairs: Tensor) -> Tensor:
    sources = pairs.shape[-1]
    table = torch.tensor(list(permutations(range(sources))), device=pairs.device)    # (sources!, sources)
    losses = pairs.detach()[:, table, torch.arange(sources, device=pairs.device)]    # (batch, sources!, sources)
    return table[losses.mean(-1).argmin(-1)]                                         # (batch, sources)


def _hungarian(pairs: Tensor) -> Tensor:
    from scipy.optimize import linear_sum_assignment

    costs = pairs.detach().transpose(1, 2).cpu().double().numpy()                    # rows: sources, columns: outputs
    best = np.stack([linear_sum_assignment(cost)[1] for cost in costs])
    return torch.as_tensor(best, device=pairs.device)


def reorder(estimate: Tensor, permutation: Tensor) -> Tensor:
    """`estimate` (batch, sources, samples) in the order of the references, by the permutation that PIT found."""
    return estimate.gather(1, permutation[:, :, None].expand(-1, -1, estimate.shape[-1]))


def pit_si_snr_loss(estimate: Tensor, reference: Tensor) -> Tensor:
    """Minus the SI-SNR of the best permutation of each example, averaged over the batch: a scalar to minimise."""
    loss, _ = permutation_invariant(pairwise(lambda e, r: -si_snr(e, r), estimate, reference))
    return loss.mean()
