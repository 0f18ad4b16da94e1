"""The low-rank loss against the affinity matrices written out."""

import pytest
import torch
from torch.nn.functional import normalize, one_hot

from course_lib.losses import deep_clustering_loss


def affinity_loss(V, Y, w):
    """|W^(1/2) (VVᵀ - YYᵀ) W^(1/2)|² / (Σw)², with the N×N matrices."""
    difference = V @ V.mT - Y @ Y.mT
    return (w[:, :, None] * w[:, None, :] * difference.square()).sum((1, 2)) / w.sum(1) ** 2


def batch(b=3, n=41, k=5, c=2, dtype=torch.float64, seed=0):
    g = torch.Generator().manual_seed(seed)
    V = normalize(torch.randn(b, n, k, generator=g, dtype=dtype), dim=-1)
    Y = one_hot(torch.randint(c, (b, n), generator=g), c).to(dtype)
    return V, Y, torch.rand(b, n, generator=g, dtype=dtype)


@pytest.mark.parametrize(("n", "k", "c"), [(1, 1, 1), (17, 3, 2), (60, 20, 4), (5, 9, 3)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equals_the_affinity_matrices(n, k, c, dtype):
    V, Y, w = batch(n=n, k=k, c=c, dtype=dtype)
    torch.testing.assert_close(deep_clustering_loss(V, Y, weight=w), affinity_loss(V, Y, w), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(deep_clustering_loss(V, Y), affinity_loss(V, Y, torch.ones_like(w)), rtol=1e-4,
                               atol=1e-5)


def test_weight_zero_is_as_if_the_bins_were_not_there():
    V, Y, _ = batch()
    keep = torch.arange(41) % 3 > 0
    weight = keep.double().expand(3, -1)
    torch.testing.assert_close(deep_clustering_loss(V, Y, weight=weight), deep_clustering_loss(V[:, keep], Y[:, keep]))


def test_perfect_embedding_rotation_and_source_order():
    V, Y, w = batch(k=6)
    rotation = torch.linalg.qr(torch.randn(6, 6, dtype=torch.float64))[0]
    assert deep_clustering_loss(Y, Y.flip(-1), weight=w).abs().max() < 1e-12
    torch.testing.assert_close(
        deep_clustering_loss(V @ rotation, Y.flip(-1), weight=w), deep_clustering_loss(V, Y, weight=w)
    )


def test_gradient_by_finite_differences_and_all_bins_silent():
    V, Y, w = batch(b=1, n=7, k=3)
    assert torch.autograd.gradcheck(lambda v: deep_clustering_loss(v, Y, weight=w), V.requires_grad_(True))
    assert deep_clustering_loss(V, Y, weight=0 * w).item() == 0.0
