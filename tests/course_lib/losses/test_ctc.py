"""CTC against the sum over all paths, torch's own loss and autograd, at the edges: T=1, empty, impossible, padded."""

from itertools import groupby, product

import pytest
import torch
from torch.nn.functional import ctc_loss as native

from course_lib.losses import ctc_backward, ctc_forward, ctc_loss, ctc_occupancy


def random_log_probs(batch, frames, classes, *, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, frames, classes, generator=generator, dtype=dtype).log_softmax(-1)


def by_paths(log_probs, label, blank=0):
    """p(label | x) of one utterance by its definition."""
    total = 0.0
    for path in product(range(log_probs.shape[1]), repeat=len(log_probs)):
        if [k for k, _ in groupby(path) if k != blank] == list(label):
            total += log_probs[torch.arange(len(path)), list(path)].sum().exp().item()
    return total


def native_loss(log_probs, labels, lengths, label_lengths, blank=0):
    return native(log_probs.transpose(0, 1), labels, lengths, label_lengths, blank=blank, reduction="none")


@pytest.mark.parametrize("blank", [0, 2])
@pytest.mark.parametrize("label", [[], [1], [1, 1], [3, 1], [1, 3, 1], [3, 3, 3]])
@pytest.mark.parametrize("frames", [1, 2, 5])
def test_equals_the_sum_over_all_paths(frames, label, blank):
    log_probs = random_log_probs(1, frames, 4)
    loss = ctc_loss(log_probs, torch.tensor([label], dtype=torch.long), blank=blank)
    torch.testing.assert_close((-loss).exp().item(), by_paths(log_probs[0], label, blank), rtol=1e-9, atol=0)


def padded_problem(seed, dtype=torch.float64):
    """Five utterances of different lengths; labels with repeats, an empty one, and one that fills all its frames."""
    g = torch.Generator().manual_seed(seed)
    logits = torch.randn(5, 50, 7, generator=g, dtype=dtype, requires_grad=True)
    labels = torch.randint(1, 4, (5, 12), generator=g)
    labels[3, :9] = torch.tensor([1, 2, 3] * 3)
    return logits, labels, torch.tensor([50, 33, 26, 9, 1]), torch.tensor([12, 5, 0, 9, 1])


@pytest.mark.parametrize("seed", range(4))
def test_loss_and_gradient_at_the_logits_equal_torch(seed):
    logits, labels, lengths, label_lengths = padded_problem(seed)
    weight = torch.tensor([1.0, -2.0, 0.5, 3.0, 1.5], dtype=torch.float64)
    found = []
    for f in (ctc_loss, native_loss):
        loss = f(logits.log_softmax(-1), labels, lengths, label_lengths)
        found.append((loss, torch.autograd.grad((loss * weight).sum(), logits)[0]))
    torch.testing.assert_close(found[0][0], found[1][0], rtol=1e-11, atol=1e-11)
    torch.testing.assert_close(found[0][1], found[1][1], rtol=1e-9, atol=1e-11)


def test_gradient_at_the_log_probabilities_is_right_by_finite_differences():
    log_probs = random_log_probs(2, 6, 4).requires_grad_()
    labels, label_lengths = torch.tensor([[1, 1, 2], [3, 0, 0]]), torch.tensor([3, 1])
    assert torch.autograd.gradcheck(lambda y: ctc_loss(y, labels, torch.tensor([6, 4]), label_lengths), log_probs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_long_inputs_do_not_underflow(dtype):
    log_probs = random_log_probs(2, 1500, 30, dtype=dtype)
    labels = torch.randint(1, 5, (2, 200), generator=torch.Generator().manual_seed(1))
    full = torch.tensor([1500, 1500]), torch.tensor([200, 200])
    want = native_loss(log_probs.double(), labels, *full)
    # 1500 rounded additions in float32 may be off by 1500 · 2^-24 of the value.
    rtol = 1e-4 if dtype == torch.float32 else 1e-10
    torch.testing.assert_close(ctc_loss(log_probs, labels).double(), want, rtol=rtol, atol=0)


def test_impossible_labels_cost_infinity_and_leave_the_others_alone():
    logits = torch.randn(3, 3, 4, dtype=torch.float64, requires_grad=True)
    labels, label_lengths = torch.tensor([[1, 2, 3, 1], [2, 2, 2, 0], [1, 1, 0, 0]]), torch.tensor([4, 3, 2])
    loss = ctc_loss(logits.log_softmax(-1), labels, None, label_lengths)
    assert torch.isposinf(loss[:2]).all()
    assert torch.isfinite(loss[2])
    gradient = torch.autograd.grad(loss[torch.isfinite(loss)].sum(), logits, retain_graph=True)[0]
    assert torch.isfinite(gradient).all()
    assert gradient[2].abs().max() > 0
    assert torch.autograd.grad(loss.sum(), logits)[0][:2].eq(0).all()


def test_posteriors_of_exactly_zero_give_no_nan():
    log_probs = random_log_probs(1, 5, 3)
    log_probs[0, 1, 1] = log_probs[0, 3, 0] = -torch.inf
    log_probs.requires_grad_()
    loss = ctc_loss(log_probs, torch.tensor([[1, 2]]))
    torch.testing.assert_close((-loss).exp().item(), by_paths(log_probs[0].detach(), [1, 2]), rtol=1e-9, atol=0)
    assert torch.isfinite(torch.autograd.grad(loss.sum(), log_probs)[0]).all()


def test_alpha_beta_over_y_sums_to_p_at_every_frame():
    log_probs, labels = random_log_probs(2, 9, 4), torch.tensor([[1, 1, 3], [2, 3, 2]])
    states = torch.zeros(2, 7, dtype=torch.long)
    states[:, 1::2] = labels
    both = ctc_forward(log_probs, labels) + ctc_backward(log_probs, labels)
    both = both - log_probs.gather(2, states[:, None].expand(-1, 9, -1))
    want = -ctc_loss(log_probs, labels)
    torch.testing.assert_close(both.logsumexp(2), want[:, None].expand(-1, 9), rtol=1e-10, atol=0)


def test_beta_beyond_the_lengths_is_impossible_and_does_not_depend_on_the_padding():
    logits, labels, lengths, label_lengths = padded_problem(7)
    log_probs = logits.detach().log_softmax(-1)
    beta = ctc_backward(log_probs, labels, lengths, label_lengths)
    for i, (frames, symbols) in enumerate(zip(lengths.tolist(), label_lengths.tolist(), strict=True)):
        alone = ctc_backward(log_probs[i : i + 1, :frames], labels[i : i + 1, :symbols])[0]
        torch.testing.assert_close(beta[i, :frames, : 2 * symbols + 1], alone, rtol=1e-12, atol=1e-12)
        assert torch.isneginf(beta[i, frames:]).all()
        assert torch.isneginf(beta[i, :, 2 * symbols + 1 :]).all()


def test_occupancy_is_a_distribution_on_valid_frames_and_zero_beyond():
    logits, labels, lengths, label_lengths = padded_problem(3)
    occupancy = ctc_occupancy(logits.detach().log_softmax(-1), labels, lengths, label_lengths)
    inside = torch.arange(50) < lengths[:, None]
    torch.testing.assert_close(occupancy.sum(2), inside.double(), rtol=1e-10, atol=1e-10)
    assert occupancy[2, :26, 0].allclose(torch.ones(26, dtype=torch.float64))       # the empty label is all blank


def test_padding_of_labels_may_hold_anything():
    log_probs, lengths = random_log_probs(2, 8, 4), torch.tensor([2, 1])
    a = ctc_loss(log_probs, torch.tensor([[1, 2, 0], [3, 0, 0]]), None, lengths)
    b = ctc_loss(log_probs, torch.tensor([[1, 2, 2], [3, -1, 99]]), None, lengths)
    assert torch.equal(a, b)


def test_inputs_need_not_be_contiguous():
    log_probs = random_log_probs(6, 4, 5).transpose(0, 1)
    labels = torch.tensor([[1, 2]] * 4)
    assert torch.equal(ctc_loss(log_probs, labels), ctc_loss(log_probs.contiguous(), labels))


@pytest.mark.parametrize("arguments", [
    {"labels": [[0, 1]]}, {"labels": [[1, 4]]}, {"labels": [[1, 2], [1, 2]]},
    {"labels": [[1, 2]], "lengths": [0]}, {"labels": [[1, 2]], "lengths": [9]},
    {"labels": [[1, 2]], "label_lengths": [3]}, {"labels": [[1, 2]], "label_lengths": [-1]},
])  # fmt: skip
def test_bad_input_is_refused(arguments):
    tensors = {name: torch.tensor(value) for name, value in arguments.items()}
    with pytest.raises(ValueError):
        ctc_loss(random_log_probs(1, 8, 4), **tensors)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_cuda_equals_cpu():
    logits, labels, lengths, label_lengths = padded_problem(0)
    log_probs = logits.detach().log_softmax(-1)
    on_gpu = ctc_loss(log_probs.cuda(), labels, lengths, label_lengths)
    torch.testing.assert_close(on_gpu.cpu(), ctc_loss(log_probs, labels, lengths, label_lengths))
