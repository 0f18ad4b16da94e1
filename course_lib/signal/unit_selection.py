"""Concatenative synthesis: choose recorded units by target cost and join cost, and join them with a cross-fade.

    best sequence = argmin over u_1 ... u_n of  Σ target(i, u_i) + Σ join(u_i, u_{i+1}),   found by Viterbi.

The target cost asks how well a unit fits what is to be said, the join cost how badly two units fit each other.

Derived in unit 15_wavenet. Papers: A. Hunt, A. Black, "Unit selection in a concatenative speech synthesis system
using a large speech database", ICASSP 1996.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def select_units(targets: Sequence[Tensor], joins: Sequence[Tensor]) -> tuple[list[int], float]:
    """The cheapest sequence of candidates.

    Args:
        targets: for each place i, (candidates_i,) target costs.
        joins: for each pair of places, (candidates_i, candidates_{i+1}) join costs.

    Returns:
        (index of the candidate at each place, total cost).

    Raises:
        ValueError: no places, not one join table less than places, a place without candidates, a join table of another
            shape, or a cost that is NaN.

    >>> select_units([torch.tensor([0.0, 1.0]), torch.tensor([0.0])], [torch.tensor([[5.0], [1.0]])])
    ([1, 0], 2.0)
    """
    if not targets or len(joins) != len(targets) - 1:
        raise ValueError(f"need n places and n - 1 tables of joins, got {len(targets)} and {len(joins)}")
    _expect_tables(targets, joins)
    cost, back = targets[0], []
    for target, join in zip(targets[1:], joins, strict=True):
        best = (cost[:, None] + join).min(0)
        cost = best.values + target
        back.append(best.indices)
    path = [int(cost.argmin())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1], float(cost.min())


def _expect_tables(targets: Sequence[Tensor], joins: Sequence[Tensor]) -> None:
    sizes = [tuple(t.shape) for t in targets]
    if any(len(size) != 1 or size[0] == 0 for size in sizes):
        raise ValueError(f"target costs should be (candidates,) with at least one candidate per place, got {sizes}")
    for i, join in enumerate(joins):
        if tuple(join.shape) != sizes[i] + sizes[i + 1]:
            raise ValueError(f"joins[{i}] should have shape {sizes[i] + sizes[i + 1]}, got {tuple(join.shape)}")
    if any(bool(costs.isnan().any()) for costs in (*targets, *joins)):
        raise ValueError("a cost is NaN: which sequence is the cheapest cannot be told")


def cross_fade(units: Sequence[Tensor], overlap: int) -> Tensor:
    """Units (samples_i,) joined end to end, each pair overlapping by `overlap` samples under a linear fade.

    Raises:
        ValueError: no units, one shorter than two overlaps, or a negative overlap.
    """
    if overlap < 0:
        raise ValueError(f"the overlap should not be negative, got {overlap}")
    if not units or min(len(u) for u in units) < 2 * overlap:
        raise ValueError("need units, none shorter than two overlaps")
    rise = (torch.arange(overlap).to(units[0]) + 0.5) / max(overlap, 1)
    joined = units[0]
    for unit in units[1:]:
        seam = joined[len(joined) - overlap :] * (1 - rise) + unit[:overlap] * rise
        joined = torch.cat([joined[: len(joined) - overlap], seam, unit[overlap:]])
    return joined
