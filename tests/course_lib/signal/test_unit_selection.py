"""Unit selection against trying everything; cross-fades keep constants."""

from itertools import pairwise, product

import pytest
import torch

from course_lib import signal


@pytest.mark.parametrize("sizes", [(3,), (2, 4), (3, 1, 4, 2)])
def test_the_cheapest_of_all_sequences(sizes):
    rng = torch.Generator().manual_seed(len(sizes))
    targets = [torch.rand(n, generator=rng) for n in sizes]
    joins = [torch.rand(a, b, generator=rng) for a, b in pairwise(sizes)]

    def cost(path):
        return float(sum(t[i] for t, i in zip(targets, path, strict=True))
                     + sum(j[a, b] for j, a, b in zip(joins, path, path[1:], strict=False)))

    best = min(product(*map(range, sizes)), key=cost)
    path, total = signal.select_units(targets, joins)
    assert tuple(path) == best
    assert total == pytest.approx(cost(best), rel=1e-5)


def test_places_and_joins_must_fit():
    with pytest.raises(ValueError, match="n - 1"):
        signal.select_units([torch.zeros(2)], [torch.zeros(2, 2)])


def test_cross_fade_keeps_a_constant():
    joined = signal.cross_fade([torch.ones(50), torch.ones(40), torch.ones(20)], 10)
    assert joined.shape == (90,)
    assert torch.allclose(joined, torch.ones(90))
    with pytest.raises(ValueError, match="two overlaps"):
        signal.cross_fade([torch.ones(15)], 10)
