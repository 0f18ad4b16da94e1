"""Measures of representations against loops."""

import numpy as np
import torch

from course_lib import metrics


def test_change_and_constant():
    phi, changed = torch.randn(5, 3, 4), torch.randn(5, 3, 4)
    sizes = torch.rand(5) + 0.1
    want = [float(np.linalg.norm(c - p) / np.linalg.norm(p)) for p, c in zip(phi, changed, strict=True)]
    np.testing.assert_allclose(metrics.relative_change(phi, changed), want, rtol=1e-5)
    assert np.isclose(metrics.stability_constant(phi, changed, sizes), max(np.array(want) / sizes.numpy()))
    assert not metrics.relative_change(torch.zeros(2, 3), torch.zeros(2, 3)).any()


def test_neighbours():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(30) % 3
    phi = torch.randn(3, 6, generator=generator)[labels] + 0.5 * torch.randn(30, 6, generator=generator)
    hits = 0
    for i in range(30):
        others = [(float((phi[i] - phi[j]).norm()), int(labels[j])) for j in range(30) if j != i]
        hits += min(others)[1] == labels[i]
    assert metrics.neighbour_accuracy(phi, labels) == hits / 30


def test_shift():
    x = torch.randn(51)
    y = 0.9 * x.roll(17) + 0.1 * torch.randn(51)
    want = min(float((x - y.roll(s)).norm() / x.norm()) for s in range(51))
    assert np.isclose(metrics.error_up_to_shift(x, y), want, rtol=1e-5)
    assert metrics.error_up_to_shift(x, x.roll(-5)) < 1e-12
