"""What a mixture does at its edges: dead components, floors, splits, starts, float32, bad input."""

import numpy as np
import pytest
import torch

from course_lib.models import GaussianMixture, log_gaussians
from course_lib.models.gaussian_mixture import VARIANCE_FLOOR, Statistics, _far_apart


def pair():
    return GaussianMixture(
        torch.tensor([0.3, 0.7]).double(), torch.tensor([[0.0, 1.0], [4.0, 5.0]]).double(),
        torch.tensor([[1.0, 4.0], [9.0, 0.25]]).double(),
    )


def test_a_split_moves_both_halves_by_standard_deviations():
    both = pair().split(0.5)
    torch.testing.assert_close(both.weights, torch.tensor([0.15, 0.35, 0.15, 0.35]).double())
    torch.testing.assert_close(
        both.means, torch.tensor([[-0.5, 0.0], [2.5, 4.75], [0.5, 2.0], [5.5, 5.25]]).double())
    torch.testing.assert_close(both.variances, pair().variances.repeat(2, 1))


def test_one_m_step_by_hand_and_its_floor():
    x = torch.tensor([[0.0], [1.0], [4.0]]).double()
    share = torch.tensor([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]).double()
    mixture = GaussianMixture(torch.full((2,), 0.5).double(), torch.zeros(2, 1).double(), torch.ones(2, 1).double())
    got = mixture.updated(mixture.statistics(x, share))
    np.testing.assert_allclose(got.weights, [0.5, 0.5])
    np.testing.assert_allclose(got.means[:, 0], [1 / 3, 3.0])
    np.testing.assert_allclose(got.variances[:, 0], [2 / 9, 2.0])
    np.testing.assert_allclose(mixture.updated(mixture.statistics(x, share), 0.3).variances[:, 0], [0.3, 2.0])


def test_a_component_without_frames_keeps_its_place_and_a_mixture_without_frames_its_weights():
    mixture, zero = pair(), torch.zeros(2, 2).double()
    found = Statistics(torch.tensor([2.0, 0.0]).double(), zero + 3.0, zero + 9.0)
    got = mixture.updated(found, 0.5)
    torch.testing.assert_close(got.means, torch.tensor([[1.5, 1.5], [4.0, 5.0]]).double())
    torch.testing.assert_close(got.variances[1], mixture.variances[1])
    assert 0 < float(got.weights[1]) < 1e-9
    torch.testing.assert_close(mixture.updated(Statistics(zero[0], zero, zero)).weights, mixture.weights)


def test_the_floor_holds_where_frames_are_equal():
    x = torch.cat([torch.zeros(50, 1), torch.randn(50, 1, generator=torch.Generator().manual_seed(0)) + 9]).double()
    mixture, _ = GaussianMixture.fit(x, 2)
    assert float(mixture.variances.min()) == pytest.approx(VARIANCE_FLOOR * float(x.var(correction=0)), rel=1e-6)


def test_fit_stops_when_nothing_is_gained():
    _, history = GaussianMixture.fit(torch.randn(100, 2, generator=torch.Generator().manual_seed(0)), 1)
    assert len(history) <= 4                             # one component is right after one step


def test_centres_lie_far_apart_in_units_of_each_feature():
    x = torch.arange(3.0).repeat_interleave(100)[:, None] + 1e-3 * torch.randn(300, 1)
    for seed in range(20):
        assert sorted(_far_apart(x, 3, seed).round().flatten().tolist()) == [0, 1, 2], seed
    x = torch.randn(300, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    scale = torch.tensor([1.0, 1024.0])
    torch.testing.assert_close(_far_apart(x * scale, 8, 0), _far_apart(x, 8, 0) * scale)


def test_float32_far_from_zero_is_as_good_as_float64():
    x = torch.randn(500, 2, generator=torch.Generator().manual_seed(0)) * 0.01 + 100
    _, history = GaussianMixture.fit(x, 3)
    assert min(np.diff(history)) > -1e-6
    assert history == GaussianMixture.fit(x.double(), 3)[1]
    one = torch.full((1, 1), 1000.0)
    assert log_gaussians(one, one, torch.full((1, 1), 1e-4)).item() == pytest.approx(np.log(100 / np.sqrt(2 * np.pi)))
    assert log_gaussians(one, one, one).dtype == torch.float32


@pytest.mark.parametrize(("x", "components", "words"), [
    (torch.zeros(5, 2), 0, "at least one"), (torch.zeros(5, 2), 6, "frames"), (torch.zeros(5), 1, "shape"),
    (torch.full((5, 2), torch.nan), 2, "NaN"),
])
def test_errors(x, components, words):
    with pytest.raises(ValueError, match=words):
        GaussianMixture.fit(x, components)
