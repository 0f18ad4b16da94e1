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
    for join in (torch.zeros(1, 3), torch.zeros(3, 2), torch.zeros(3)):             # the first would broadcast
        with pytest.raises(ValueError, match=r"joins\[0\] should have shape \(2, 3\)"):
            signal.select_units([torch.zeros(2), torch.zeros(3)], [join])
    with pytest.raises(ValueError, match="at least one candidate"):
        signal.select_units([torch.zeros(1), torch.zeros(0)], [torch.zeros(1, 0)])
    with pytest.raises(ValueError, match="NaN"):
        signal.select_units([torch.tensor([0.0, float("nan")])], [])


def test_cross_fade_keeps_a_constant():
    joined = signal.cross_fade([torch.ones(50), torch.ones(40), torch.ones(20)], 10)
    assert joined.shape == (90,)
    assert torch.allclose(joined, torch.ones(90))
    with pytest.raises(ValueError, match="two overlaps"):
        signal.cross_fade([torch.ones(15)], 10)
    with pytest.raises(ValueError, match="negative"):
        signal.cross_fade([torch.ones(15)], -1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_cross_fade_goes_from_one_unit_to_the_next(dtype):
    a, b = torch.arange(8, dtype=dtype), 100 + torch.arange(9, dtype=dtype)
    want = torch.cat([a[:4], (7 * a[4:] + b[:4]) / 8 + (b[:4] - a[4:]) * torch.arange(4, dtype=dtype) / 4, b[4:]])
    torch.testing.assert_close(signal.cross_fade([a, b], 4), want)
    assert torch.equal(signal.cross_fade([a, b], 0), torch.cat([a, b]))
