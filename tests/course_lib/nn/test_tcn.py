"""gLN, TCN and dual-path blocks by their defining properties and by torch's own layers."""

import pytest
import torch

from course_lib.nn import (
    TCN,
    DualPathBlock,
    GlobalLayerNorm,
    TCNBlock,
    overlap_add_chunks,
    receptive_field,
    split_chunks,
)


def test_gln_by_its_equation():
    x = 3 * torch.randn(4, 5, 31) + 2
    norm = GlobalLayerNorm(5)
    with torch.no_grad():
        norm.weight.copy_(torch.randn(5))
        norm.bias.copy_(torch.randn(5))
    mean, var = x.mean((1, 2), keepdim=True), x.var((1, 2), correction=0, keepdim=True)
    want = (x - mean) / (var + norm.eps).sqrt() * norm.weight[:, None] + norm.bias[:, None]
    torch.testing.assert_close(norm(x), want, rtol=1e-4, atol=1e-5)
    assert torch.isfinite(norm(torch.zeros(1, 5, 8))).all()


@pytest.mark.parametrize("frames", [1, 2, 30])
@pytest.mark.parametrize("dilation", [1, 4, 16])
def test_block_keeps_the_length_for_every_dilation(frames, dilation):
    y, skip = TCNBlock(6, 10, kernel=5, dilation=dilation)(torch.randn(2, 6, frames))
    assert y.shape == skip.shape == (2, 6, frames)


def test_block_with_silent_output_convolutions_is_the_identity():
    block = TCNBlock(6, 10)
    torch.nn.init.zeros_(block.residual.weight)
    torch.nn.init.zeros_(block.residual.bias)
    x = torch.randn(2, 6, 20)
    torch.testing.assert_close(block(x)[0], x)


def test_receptive_field_by_gradient():
    net = TCN(3, 4, blocks=3, repeats=2).double()
    for module in net.modules():   # gLN reaches everywhere; without it the reach is that of the convolutions
        if isinstance(module, torch.nn.Sequential):
            module[2] = module[5] = torch.nn.Identity()
    x = torch.randn(1, 3, 101, dtype=torch.float64, requires_grad=True)
    net(x)[0, :, 50].sum().backward()
    reached = x.grad[0].abs().sum(0).nonzero().flatten()
    field = receptive_field(kernel=3, blocks=3, repeats=2)
    assert field == 29
    assert (reached[0].item(), reached[-1].item()) == (50 - field // 2, 50 + field // 2)


def test_even_kernel_is_refused():
    with pytest.raises(ValueError, match="odd"):
        TCNBlock(4, 4, kernel=4)


@pytest.mark.parametrize("frames", [1, 7, 8, 33])
@pytest.mark.parametrize("length", [2, 6, 50])
def test_chunks_there_and_back(frames, length):
    x = torch.randn(2, 3, frames)
    chunks = split_chunks(x, length)
    assert chunks.shape[:3] == (2, 3, length)
    torch.testing.assert_close(overlap_add_chunks(chunks, frames), x)
    ones = split_chunks(torch.ones(1, 1, frames), length)
    assert ones.sum() == 2 * frames   # every frame lies in exactly two chunks


def test_dual_path_block_runs_along_the_right_axes():
    torch.manual_seed(0)
    block = DualPathBlock(4, 5)
    x = torch.randn(2, 4, 6, 3)
    want = x
    for axis, lstm, linear, norm in zip((2, 3), block.paths, block.projections, block.norms, strict=True):
        out = torch.zeros_like(want)
        for b in range(2):
            for k in range(x.shape[5 - axis]):
                sequence = want[b].select(4 - axis, k).T if axis == 2 else want[b, :, k].T
                result = linear(lstm(sequence[None])[0])[0].T
                if axis == 2:
                    out[b, :, :, k] = result
                else:
                    out[b, :, k] = result
        want = want + norm(out)
    torch.testing.assert_close(block(x), want, rtol=1e-4, atol=1e-5)


def test_odd_chunks_are_refused():
    with pytest.raises(ValueError, match="even"):
        split_chunks(torch.zeros(1, 1, 9), 3)
