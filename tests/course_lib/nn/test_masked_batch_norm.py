"""Masked batch norm: torch's own on the valid frames, whatever the padding holds; running statistics; gradients."""

import pytest
import torch
from torch import nn

from course_lib.nn import MaskedBatchNorm


def mask_of(lengths, frames):
    return (torch.arange(frames) < torch.tensor(lengths)[:, None]).float()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("places", [(), (3,)])
def test_equals_batch_norm_on_the_valid_frames_alone(dtype, places):
    torch.manual_seed(0)
    lengths, norm = [7, 2, 5], MaskedBatchNorm(4).to(dtype)
    peer = (nn.BatchNorm2d if places else nn.BatchNorm1d)(4).to(dtype)
    for parameter, other in zip(norm.parameters(), peer.parameters(), strict=True):
        nn.init.normal_(parameter)
        other.data.copy_(parameter.data)
    for _ in range(3):
        x = torch.randn(3, 4, *places, 9, dtype=dtype) * 2 + 3
        glued = torch.cat([row[..., :n] for row, n in zip(x, lengths, strict=True)], -1)[None]
        want, got = peer(glued)[0], norm(x, mask_of(lengths, 9))
        got_glued = torch.cat([row[..., :n] for row, n in zip(got, lengths, strict=True)], -1)
        torch.testing.assert_close(got_glued, want, rtol=1e-4, atol=1e-5)
        assert all(row[..., n:].eq(0).all() for row, n in zip(got, lengths, strict=True))
    torch.testing.assert_close(norm.running_mean, peer.running_mean, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(norm.running_var, peer.running_var, rtol=1e-4, atol=1e-5)
    x = torch.randn(1, 4, *places, 9, dtype=dtype)
    torch.testing.assert_close(norm.eval()(x, torch.ones(1, 9)), peer.eval()(x), rtol=1e-4, atol=1e-5)


def test_padding_has_no_influence_on_output_statistics_or_gradient():
    x, mask = torch.randn(2, 3, 4, 8, dtype=torch.float64), mask_of([8, 3], 8)
    other = torch.where(mask[:, None, None].bool(), x, 100.0)
    outputs, gradients, means = [], [], []
    for values in (x, other):
        norm, leaf = MaskedBatchNorm(3).double(), values.clone().requires_grad_(True)
        out = norm(leaf, mask)
        (out * torch.arange(8)).square().sum().backward()
        outputs.append(out.detach())
        gradients.append(leaf.grad)
        means.append(norm.running_mean)
    for pair in (outputs, gradients, means):
        torch.testing.assert_close(*pair)
    assert gradients[0][1, :, :, 3:].eq(0).all()


@pytest.mark.parametrize("valid", [0, 1])
def test_a_batch_of_no_or_one_valid_cell_leaves_finite_statistics(valid):
    norm = MaskedBatchNorm(3)
    out = norm(torch.randn(1, 3, 1, 4, requires_grad=True), mask_of([valid], 4))
    assert out.eq(0).all()
    assert norm.running_mean.isfinite().all()
    assert norm.running_var.isfinite().all()
    assert not norm.running_var.requires_grad, "a graph that grows with every batch"


def test_a_constant_channel_stays_finite_in_output_and_gradient():
    x = torch.full((2, 1, 3, 5), 7.0, requires_grad=True)
    out = MaskedBatchNorm(1)(x, mask_of([5, 2], 5))
    out.square().sum().backward()
    assert out.abs().max() < 1e-3
    assert x.grad.isfinite().all()
