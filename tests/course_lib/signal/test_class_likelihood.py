"""Bits of a Gaussian inside classes, against scipy, and the running scale against a loop."""

import numpy as np
import pytest
import torch

from course_lib import signal


def test_probabilities_sum_to_one_wherever_the_mean_is():
    edges = signal.mu_law_edges()
    for mean, sigma in ((0.0, 0.1), (0.9, 0.01), (-3.0, 0.5), (0.2, 1e-4)):
        bits = signal.gaussian_class_bits(torch.arange(256), torch.full((256,), mean), sigma, edges)
        assert float((2**-bits).sum()) == pytest.approx(1.0, abs=1e-9)


def test_against_scipy():
    from scipy.stats import norm

    edges = np.array([-1.0, -0.2, 0.4, 2.0])
    padded = np.concatenate([[-np.inf], edges, [np.inf]])
    want = -np.log2(np.diff(norm.cdf(padded, 0.3, 0.7)))
    got = signal.gaussian_class_bits(torch.arange(5), torch.full((5,), 0.3, dtype=torch.float64), 0.7,
                                     torch.from_numpy(edges))
    np.testing.assert_allclose(got, want, rtol=1e-9)


def test_far_tails_are_finite_on_both_sides():
    edges = signal.mu_law_edges()
    bits = signal.gaussian_class_bits(torch.tensor([0, 255]), torch.tensor([0.9, -0.9]), 1e-3, edges)
    assert torch.isfinite(bits).all()
    assert (bits > 1e5).all()
    torch.testing.assert_close(bits[0], bits[1])


def test_no_scale_is_refused():
    with pytest.raises(ValueError, match="positive"):
        signal.gaussian_class_bits(torch.tensor([0]), torch.zeros(1), 0.0, torch.zeros(1))


def test_running_scale_knows_the_past_only():
    residual = torch.from_numpy(np.random.default_rng(0).normal(size=30))
    keep, running, want = 0.5 ** (1 / 4), 0.0, []
    for value in residual.tolist():
        want.append((running + 0.01**2) ** 0.5)
        running = keep * running + (1 - keep) * value**2
    got = signal.running_scale(residual, half_life=4, floor=0.01)
    np.testing.assert_allclose(got, want, rtol=1e-9)
