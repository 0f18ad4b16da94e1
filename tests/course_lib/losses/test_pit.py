"""PIT against exhaustive search in plain Python, torchmetrics, and the Hungarian algorithm."""

from itertools import permutations

import pytest
import torch

from course_lib.losses import pairwise, permutation_invariant, pit_si_snr_loss, reorder, si_snr


def matrix(batch, sources, seed=0):
    return torch.randn(batch, sources, sources, generator=torch.Generator().manual_seed(seed))


def exhaustive(pairs):
    best = []
    for p in pairs.tolist():
        costs = {s: sum(p[s[j]][j] for j in range(len(p))) / len(p) for s in permutations(range(len(p)))}
        best.append(min((c, s) for s, c in costs.items()))
    return best


@pytest.mark.parametrize("method", ["brute", "hungarian", "auto"])
@pytest.mark.parametrize("sources", [1, 2, 3, 5])
def test_equals_exhaustive_search(sources, method):
    pairs = matrix(9, sources)
    loss, permutation = permutation_invariant(pairs, method=method)
    want = exhaustive(pairs)
    torch.testing.assert_close(loss, torch.tensor([c for c, _ in want]))
    assert permutation.tolist() == [list(s) for _, s in want]


def test_each_example_has_its_own_permutation():
    swap = torch.tensor([[[9.0, 1], [1, 9]], [[1, 9], [9, 1]]])
    assert permutation_invariant(swap)[1].tolist() == [[1, 0], [0, 1]]


def test_an_output_is_used_once_even_when_it_is_best_for_both():
    pairs = torch.tensor([[[0.0, 0.0], [5.0, 6.0]]])
    loss, permutation = permutation_invariant(pairs)
    assert loss.item() == 2.5
    assert permutation.tolist() == [[1, 0]]


@pytest.mark.parametrize("sources", [2, 3, 6])
def test_shuffled_references_are_put_back(sources):
    reference = torch.randn(4, sources, 300)
    order = torch.stack([torch.randperm(sources) for _ in range(4)])
    estimate = reorder(reference, order) * 0.3
    loss, permutation = permutation_invariant(pairwise(lambda e, r: -si_snr(e, r), estimate, reference))
    torch.testing.assert_close(reorder(estimate, permutation), 0.3 * reference)
    assert (loss < -50).all()


def test_equals_torchmetrics():
    audio = pytest.importorskip("torchmetrics.functional.audio")
    e, r = torch.randn(2, 5, 3, 400)
    want, _ = audio.permutation_invariant_training(
        e, r, audio.scale_invariant_signal_noise_ratio, eval_func="max"
    )
    torch.testing.assert_close(pit_si_snr_loss(e, r), -want.mean(), rtol=1e-4, atol=1e-4)


def test_gradient_flows_through_the_best_pairs_only():
    pairs = matrix(1, 3).requires_grad_(True)
    loss, permutation = permutation_invariant(pairs)
    loss.sum().backward()
    want = torch.zeros(3, 3)
    want[permutation[0], torch.arange(3)] = 1 / 3
    torch.testing.assert_close(pairs.grad[0], want)


@pytest.mark.parametrize(("shape", "method"), [((2, 2), "auto"), ((1, 2, 3), "auto"), ((1, 2, 2), "greedy")])
def test_bad_input(shape, method):
    with pytest.raises(ValueError):
        permutation_invariant(torch.zeros(shape), method=method)
