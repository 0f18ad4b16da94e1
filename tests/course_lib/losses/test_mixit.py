"""MixIT against a loop over all assignments in numpy."""

from itertools import product

import numpy as np
import pytest
import torch

from course_lib.losses import assignments, mixit, thresholded_snr_loss


def loop(estimates, mixtures, snr_max=30.0):
    """One example: (loss, assignment) by trying everything."""
    tau, best = 10 ** (-snr_max / 10), (np.inf, None)
    for owner in product(range(len(mixtures)), repeat=len(estimates)):
        total = 0.0
        for i, mixture in enumerate(mixtures):
            made = sum((e for e, o in zip(estimates, owner, strict=True) if o == i), np.zeros_like(mixture))
            power = (mixture**2).sum()
            total += 10 * np.log10((((mixture - made) ** 2).sum() + tau * power) / power)
        best = min(best, (total / len(mixtures), owner))
    return best


@pytest.mark.parametrize("outputs", [1, 2, 3, 4])
@pytest.mark.parametrize("count", [2, 3])
def test_equals_the_loop(outputs, count):
    rng = np.random.default_rng(outputs)
    e, m = rng.normal(size=(3, outputs, 51)), rng.normal(size=(3, count, 51))
    loss, owner = mixit(torch.tensor(e), torch.tensor(m))
    for b in range(3):
        want, who = loop(e[b], m[b])
        assert loss[b].item() == pytest.approx(want, abs=1e-6)
        assert tuple(owner[b].tolist()) == who


def test_finds_the_parts_of_each_mixture():
    sources = torch.randn(2, 4, 900)
    mixtures = torch.stack([sources[:, 0] + sources[:, 2], sources[:, 1] + sources[:, 3]], 1)
    loss, owner = mixit(sources, mixtures)
    assert owner.tolist() == [[0, 1, 0, 1]] * 2
    torch.testing.assert_close(loss, torch.full((2,), -30.0), atol=1e-3, rtol=0)


def test_an_output_belongs_to_exactly_one_mixture():
    table = assignments(4)
    assert table.shape == (16, 2, 4)
    assert (table.sum(1) == 1).all()
    assert len({tuple(a.flatten().tolist()) for a in table}) == 16


def test_level_counts_and_silence_is_finite():
    r = torch.randn(500)
    assert thresholded_snr_loss(r, r) == pytest.approx(-30, abs=1e-3)
    assert thresholded_snr_loss(0.5 * r, r) == pytest.approx(10 * np.log10(0.25 + 1e-3), abs=1e-3)
    silent = torch.zeros(1, 4, 100, requires_grad=True)
    loss, _ = mixit(silent, torch.zeros(1, 2, 100))
    loss.sum().backward()
    assert torch.isfinite(silent.grad).all()
    assert torch.isfinite(loss).all()
