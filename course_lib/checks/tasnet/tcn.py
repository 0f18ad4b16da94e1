"""The check of the TCN block of unit 19_tasnet: any names of submodules, known by the shapes of their parameters.

The check reads the parameters, tells from their shapes which layer each one is, loads random values, and compares the
two outputs with the block computed by torch's functional layers.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.checks.core import CheckFailed, expect, expect_close
from course_lib.checks.core.values import as_array

PARTS = (
    "conv_in: nn.Conv1d(channels, hidden, 1); depthwise: nn.Conv1d(hidden, hidden, kernel, ..., groups=hidden); "
    "residual and skip: nn.Conv1d(hidden, channels, 1), all with bias; two nn.PReLU(); two GlobalLayerNorm(hidden)"
)


def check_tcn_block(f, rng: np.random.Generator, cases: int) -> None:
    """Raise `CheckFailed` unless the class behind `f` is the block of the card."""
    for case in range(cases):
        channels, kernel = int(rng.integers(2, 6)), [3, 5, 7][case % 3]
        hidden = channels + int(rng.integers(2, 7)) if case % 4 else channels - 1 + kernel
        dilation, frames, batch = int(2 ** rng.integers(0, 5)), int(rng.integers(1, 70)), 1 + case % 3
        block = f.build(channels, hidden, kernel=kernel, dilation=dilation)
        where = f"for channels={channels}, hidden={hidden}, kernel={kernel}, dilation={dilation}"
        x = torch.from_numpy(rng.normal(size=(batch, channels, frames)).astype(np.float32))
        _expect_kernel(block.parameters(), hidden, kernel, where)
        _expect_count(block.parameters(), channels, hidden, kernel, where)
        _expect_shapes(_forward(block, x), x, where)
        roles = _roles(block.parameters(), channels, hidden, kernel, where)
        values = {name: rng.normal(size=shape).astype(np.float32) for name, shape in SHAPES(channels, hidden, kernel)}
        block.load({name: values[role].reshape(shape) for name, (role, shape) in roles.items()})
        output, skip = _expect_shapes(block.forward(x), x, where)
        _expect_values(output, skip, x, values, kernel, dilation, f"{where} and {frames} frames")
        _expect_gradient(block, x, values, kernel, dilation)
    _expect_default(f, rng)


def _forward(block, x: Tensor):
    """The block's outputs; where x + residual has two lengths, the reason."""
    try:
        return block.forward(x)
    except CheckFailed as error:
        if "must match the size" not in error.message:
            raise
        raise CheckFailed(
            "x and the residual differ in length: the padding that keeps the length is dilation·(kernel − 1)/2 on each "
            "side.\n" + error.message
        ) from None


def SHAPES(channels: int, hidden: int, kernel: int) -> list[tuple[str, tuple[int, ...]]]:  # noqa: N802
    """Role → shape of every parameter; PReLUs share their value and norms theirs, so either order is fine."""
    return [
        ("in.weight", (hidden, channels)), ("in.bias", (hidden,)), ("depth.weight", (hidden, kernel)),
        ("depth.bias", (hidden,)), ("prelu", (1,)), ("norm.weight", (hidden,)), ("norm.bias", (hidden,)),
        ("out0.weight", (channels, hidden)), ("out0.bias", (channels,)),
        ("out1.weight", (channels, hidden)), ("out1.bias", (channels,)),
    ]


def _expect_kernel(parameters: dict[str, np.ndarray], hidden: int, kernel: int, where: str) -> None:
    lengths = [p.shape[-1] for p in parameters.values() if p.ndim == 3 and p.shape[-1] > 1]
    if lengths and kernel not in lengths:
        raise CheckFailed(f"the filters over time have {lengths[0]} taps {where}: use the argument `kernel`.")


def _expect_gradient(block, x: Tensor, v: dict, kernel: int, dilation: int) -> None:
    """Gradients reach the input and are right; a block that overwrites its input cannot be trained."""
    weight = np.cos(np.arange(x.numel(), dtype=np.float32)).reshape(x.shape)
    try:
        got = block.gradients(x, output=0, cotangent=weight).get("input0")
    except CheckFailed as error:
        if "in-place" not in error.message and "inplace" not in error.message:
            raise
        raise CheckFailed(
            "`x` was changed in place (x += ...): the caller's tensor is overwritten and a stack of blocks cannot be "
            "trained. Write x + ... .\n" + error.message
        ) from None
    expect(got is not None, "no gradient reaches the input: was .detach(), .data or torch.no_grad() used?")
    wants = []
    for first in (0, 1):
        leaf = x.double().requires_grad_(True)
        weights = torch.from_numpy(v[f"out{first}.weight"]).double()[..., None]
        residual = F.conv1d(_block(leaf, v, kernel, dilation), weights)
        ((leaf + residual) * torch.from_numpy(weight)).sum().backward()
        wants.append(leaf.grad.numpy())
    if not _near(got, *wants):
        expect_close(got, wants[0], "the gradient of the first output for the input", rtol=1e-3, atol=1e-3)


def _expect_count(parameters: dict[str, np.ndarray], channels: int, hidden: int, kernel: int, where: str) -> None:
    got = sum(p.size for p in parameters.values())
    out = hidden * channels + channels
    want = channels * hidden + hidden + hidden * kernel + hidden + 2 + 4 * hidden + 2 * out
    mistakes = {
        "the depthwise convolution lacks groups=hidden: it mixes all channels.": want + hidden * (hidden - 1) * kernel,
        "one output convolution is missing: residual and skip have one each.": want - out,
        "the norms have no gain and offset.": want - 4 * hidden,
        "one norm is missing.": want - 2 * hidden,
        "one PReLU is missing.": want - 1,
        "both PReLUs are missing.": want - 2,
        "the convolutions have no bias.": want - 2 * hidden - 2 * channels,
        "PReLU has one slope per channel: nn.PReLU() has a single one.": want + 2 * (hidden - 1),
    }
    named = next((text for text, count in mistakes.items() if count == got and got != want), "")
    expect(got == want, f"the block should have {want} parameters {where}, got {got}: " + (
        named or f"it consists of {PARTS}."))


def _expect_shapes(value, x: Tensor, where: str) -> tuple[np.ndarray, np.ndarray]:
    expect(isinstance(value, (tuple, list)) and len(value) == 2,
           "the block should return two tensors (x + residual, skip): the first goes to the next block, the second to "
           "the sum of all skips.")
    output, skip = (as_array(v, name) for v, name in zip(value, ("the output", "the skip"), strict=True))
    for got, name in ((output, "output"), (skip, "skip")):
        expect(got.shape == tuple(x.shape),
               f"the {name} should have shape {tuple(x.shape)} {where}, got {got.shape}: the padding that keeps the "
               "length is dilation·(kernel − 1)/2 on each side, and the last convolution goes back to `channels`.")
    return output, skip


def _roles(parameters: dict[str, np.ndarray], channels: int, hidden: int, kernel: int, where: str) -> dict:
    """Parameter name → (role, its shape), told from the shapes; the order of registration settles equals."""
    found: dict[str, tuple[str, tuple[int, ...]]] = {}
    outputs = 0
    for name, p in parameters.items():
        if not name.endswith("weight") or p.size == 1:
            continue
        stem = name.removesuffix("weight")
        if p.ndim == 1:
            role = "norm"
        elif p.ndim == 3 and p.shape == (hidden, 1, kernel):
            role = "depth"
        elif p.shape[:2] == (hidden, channels):
            role = "in"
        elif p.shape[:2] == (channels, hidden):
            role, outputs = f"out{outputs}", outputs + 1
        else:
            raise CheckFailed(f"`{name}` of shape {p.shape} {where} belongs to no part of the block: {PARTS}.")
        for kind in ("weight", "bias"):
            if stem + kind in parameters:
                found[stem + kind] = (f"{role}.{kind}", parameters[stem + kind].shape)
    found |= {name: ("prelu", p.shape) for name, p in parameters.items() if p.size == 1}
    missing = {role for role, _ in SHAPES(channels, hidden, kernel)} - {role for role, _ in found.values()}
    expect(not missing and len(found) == len(parameters),
           f"the parameters {sorted(parameters)} {where} are not those of the parts on the card: {PARTS}.")
    return found


def _block(x: Tensor, v: dict[str, np.ndarray], kernel: int, dilation: int, *, pad: str = "same", act: int = 2,
           norms: int = 2) -> Tensor:
    """The body in float64 up to the two output convolutions: (batch, hidden, frames)."""
    t = {name: torch.from_numpy(value).double() for name, value in v.items()}
    h = F.conv1d(x.double(), t["in.weight"][..., None], t["in.bias"])
    for part in (0, 1):
        if part:
            reach = dilation * (kernel - 1)
            h = F.pad(h, (reach // 2, reach // 2) if pad == "same" else (reach, 0))
            h = F.conv1d(h, t["depth.weight"][:, None], t["depth.bias"], dilation=dilation, groups=h.shape[1])
        h = F.prelu(h, t["prelu"]) if act > part else h
        h = F.group_norm(h, 1, t["norm.weight"], t["norm.bias"], 1e-8) if norms > part else h
    return h


def _out(h: Tensor, v: dict[str, np.ndarray], which: int) -> np.ndarray:
    weight, bias = (torch.from_numpy(v[f"out{which}.{kind}"]).double() for kind in ("weight", "bias"))
    return F.conv1d(h, weight[..., None], bias).numpy()


def _expect_values(output: np.ndarray, skip: np.ndarray, x: Tensor, v: dict, kernel: int, dilation: int,
                   where: str) -> None:
    def pair(h: Tensor, first: int) -> tuple[np.ndarray, np.ndarray]:
        return x.double().numpy() + _out(h, v, first), _out(h, v, 1 - first)

    h = _block(x, v, kernel, dilation)
    swapped = any(_near(output, _out(h, v, i)) and _near(skip, x.numpy() + _out(h, v, 1 - i)) for i in (0, 1))
    expect(not swapped, f"the two outputs are swapped {where}: return (x + residual, skip).")
    # Which of the two equal convolutions is the residual is the answer's own choice.
    first = int(np.abs(skip - _out(h, v, 0)).max() < np.abs(skip - _out(h, v, 1)).max())
    want_output, want_skip = pair(h, first)
    body = {
        "the block is causal (all padding on the left): pad both sides by dilation·(kernel − 1)/2.":
            _block(x, v, kernel, dilation, pad="left"),
        "the order is conv, PReLU, norm: both norms seem to be left out.": _block(x, v, kernel, dilation, norms=0),
        "the second norm was not applied.": _block(x, v, kernel, dilation, norms=1),
        "the PReLUs were not applied.": _block(x, v, kernel, dilation, act=0),
        "the second PReLU was not applied.": _block(x, v, kernel, dilation, act=1),
    }
    for other in (0, 1):
        skips = {text: _out(b, v, other) for text, b in body.items()}
        skips["the skip is the same as the residual: each has a convolution of its own."] = want_output - x.numpy()
        skips["the skip holds the input too: only the first output adds x."] = _out(h, v, other) + x.numpy()
        if _near(skip, *skips.values()) or other:
            expect_close(skip, want_skip, "the skip output", rtol=2e-4, atol=1e-4, context=where, mistakes=skips)
    expect_close(output, want_output, "the first output", rtol=2e-4, atol=1e-4, context=where, mistakes={
        "the input is not added: it is x + residual.": want_output - x.numpy(),
        "the input is subtracted: it is x + residual.": want_output - 2 * x.numpy(),
        "it is x + skip: residual and skip have a convolution each.": x.numpy() + want_skip,
    })


def _near(got: np.ndarray, *values: np.ndarray) -> bool:
    return any(np.abs(got - value).max() <= 1e-3 * np.abs(value).max() for value in values)


def _expect_default(f, rng: np.random.Generator) -> None:
    """kernel=3 and dilation=1 are the defaults; silence stays finite."""
    block = f.build(4, 6)
    _expect_count(block.parameters(), 4, 6, 3, "with the default kernel=3")
    output, skip = _expect_shapes(block.forward(torch.zeros(1, 4, 9)), torch.zeros(1, 4, 9), "with the defaults")
    expect(np.isfinite(output).all() and np.isfinite(skip).all(),
           "silence gives NaN: is eps inside the root of the norm?")
