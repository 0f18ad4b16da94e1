"""The oracles of unit 19's checks against third parties and against each other."""

import numpy as np
import pytest
import torch

from course_lib.checks.tasnet import oracle


def test_si_snr_equals_torchmetrics_and_its_own_form_by_angle():
    audio = pytest.importorskip("torchmetrics.functional.audio")
    r, noise = torch.randn(2, 4, 200, dtype=torch.float64)
    e = r + noise
    want = audio.scale_invariant_signal_noise_ratio(e, r).numpy()
    np.testing.assert_allclose(oracle.si_snr(e, r), want, atol=1e-6)
    np.testing.assert_allclose(oracle.si_snr_torch(e, r).numpy(), want, atol=1e-6)


def test_pit_equals_the_hungarian_algorithm():
    from scipy.optimize import linear_sum_assignment

    pairs = np.random.default_rng(0).normal(size=(6, 4, 4))
    loss, order = oracle.pit(pairs)
    np.testing.assert_allclose(oracle.pit_torch(torch.tensor(pairs)).numpy(), loss)
    for p, value, best in zip(pairs, loss, order, strict=True):
        rows, columns = linear_sum_assignment(p.T)
        assert columns.tolist() == best.tolist()
        assert value == pytest.approx(p.T[rows, columns].mean())


def test_low_rank_form_equals_the_affinity_matrices():
    V, Y, w = oracle.embeddings(np.random.default_rng(0), 3, 40, 5, 3)
    np.testing.assert_allclose(oracle.low_rank_loss(V, Y, w), oracle.affinity(V, Y, w))
    np.testing.assert_allclose(oracle.affinity_torch(*map(torch.tensor, (V, Y, w))).numpy(), oracle.affinity(V, Y, w))


def test_mixit_of_perfect_outputs_reaches_snr_max():
    sources = np.random.default_rng(0).normal(size=(2, 4, 60))
    mixtures = np.stack([sources[:, [0, 3]].sum(1), sources[:, [1, 2]].sum(1)], 1)
    loss, owner = oracle.mixit(sources, mixtures, 20.0)
    np.testing.assert_allclose(loss, -20)
    assert owner.tolist() == [[0, 1, 1, 0]] * 2
    np.testing.assert_allclose(oracle.mixit_torch(*map(torch.tensor, (sources, mixtures)), 20.0).numpy(), loss)


def test_norm_equals_torch():
    x, gain, offset = torch.randn(2, 3, 8), torch.randn(3), torch.randn(3)
    want = oracle.norm_torch(x, gain, offset, 1e-5).numpy()
    np.testing.assert_allclose(oracle.norm(x, gain, offset, 1e-5, (1, 2)), want, atol=1e-5)
