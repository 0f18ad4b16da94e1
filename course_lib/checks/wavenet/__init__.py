"""Checks of unit 15_wavenet: μ-law, dilated causal convolution, gated block, receptive field, generation with queues.

Conventions: torch tensors, (batch, channels, samples); 256 classes count from 0 to μ = 255.
"""

import numpy as np
import torch
from torch import Tensor

from course_lib.checks.core import as_array, expect, expect_close, expect_equal, passed, subject, visible_rng
from course_lib.checks.core.values import describe
from course_lib.checks.wavenet import mistakes, oracle

DTYPES = (torch.float32, torch.float64)


def mu_law(answer, *, rng=None, cases: int = 20) -> None:
    """Classes of amplitudes, and amplitudes of these classes. (exercise 15.1)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        classes = [256, 64, 16, 128, 1024][case % 5]
        shape = [(int(rng.integers(1, 200)),), (2, 7), (1,), (3, 1, 5)][case % 4]
        x = oracle.amplitudes(rng, shape, classes)
        if case % 3 == 1:
            x = x * np.where(rng.uniform(size=shape) < 0.3, 40.0, 1.0)
            inside = np.abs(x) < 0.98
            x = np.where(inside, oracle.amplitudes(rng, shape, classes), x)     # the rest lies beyond ±1 or stays
            x = np.where(~inside & (np.abs(x) < 1.02), 1.5 * np.sign(x), x)
        _round_trip(f, _tensor(x, DTYPES[case % 2], strided=case % 4 == 1), classes)
    edges = torch.tensor([-1.0, 0.0, 1.0, -3.0, 7.0, -0.0, 1e-6, -1e-4])
    _round_trip(f, edges, 256)
    _round_trip(f, edges.double(), 256)
    passed("mu_law", f"{cases} random tensors with 16 to 1024 classes, ±1, silence, and amplitudes beyond ±1")


def _round_trip(f, x: Tensor, classes: int) -> None:
    context = f"for {classes} classes and x of shape {tuple(x.shape)}"
    k, back = _two(f.call(x, classes), "mu_law", "(classes, amplitudes)")
    got = as_array(k, "the classes")
    expect(got.dtype.kind in "iu", f"the classes should be integers (int64), which can index a table, got {got.dtype}.")
    want = oracle.encode(x, classes)
    expect_close(got, want, "the class", rtol=0, atol=0.5, context=context,
                 mistakes=lambda: mistakes.encode(x, classes))
    expect_close(back, oracle.decode(want, classes), "the decoded amplitude", rtol=1e-5, atol=1e-6, context=context,
                 mistakes=lambda: mistakes.decode(want, classes) | {
                     "the input came back as it was: decode the classes.": oracle.array(x)})


def causal_conv(answer, *, rng=None, cases: int = 20) -> None:
    """Dilated causal convolution: values, length, gradients, and none from the future. (exercise 15.2)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        kernel, dilation = [3, 2, 2, 1, 4][case % 5], [5, 1, 2, 16, 3, 8][case % 6]
        samples = [int(rng.integers(24, 60)), 3, 1, int(rng.integers(2, 24))][case % 4]
        shape, out = (1 + case % 3, int(rng.integers(1, 5)), samples), int(rng.integers(1, 5))
        dtype = DTYPES[case % 2]
        x = _tensor(rng.normal(size=shape), dtype, strided=case % 4 == 3)
        weight = _tensor(rng.normal(size=(out, shape[1], kernel)), dtype, strided=case % 4 == 2)
        bias = _tensor(rng.normal(size=out), dtype, strided=False)
        context = f"for x of shape {shape}, kernel {kernel}, dilation {dilation}"
        expect_close(f.call(x, weight, bias, dilation), oracle.causal(x, weight, bias, dilation), "y", rtol=1e-4,
                     atol=1e-5, context=context, mistakes=lambda a=(x, weight, bias, dilation): mistakes.causal(*a))
    _expect_no_future(f, rng)
    passed("causal_conv", f"{cases} sizes with kernels of 1 to 4 taps, and no gradient from the future")


def _expect_no_future(f, rng: np.random.Generator) -> None:
    """The gradient of output n reaches the inputs n, n - d, n - 2d, ... and no other."""
    samples, dilation, kernel, at = 40, int(rng.integers(2, 6)), 3, int(rng.integers(15, 25))
    x = torch.from_numpy(rng.normal(size=(1, 2, samples)))
    weight = torch.from_numpy(rng.uniform(0.5, 1.0, (2, 2, kernel)))
    cotangent = np.zeros((1, 2, samples))
    cotangent[..., at] = 1.0
    got = f.gradients(x, weight, torch.zeros(2, dtype=torch.float64), dilation, cotangent=cotangent)
    expect("input0" in got, "no gradient of the output reaches x: was it computed with numpy, .detach() or no_grad()?")
    seen = np.flatnonzero(np.abs(got["input0"]).sum((0, 1)) > 1e-12)
    for name, what in (("input1", "weight"), ("input2", "bias")):
        expect(name in got and np.any(got[name]), f"no gradient of the output reaches the {what}: was it detached?")
    want = [at - k * dilation for k in reversed(range(kernel))]
    expect(not (seen > at).any(), f"output {at} depends on input {seen.max(initial=0)}, which lies in the future.")
    expect_equal(seen, want, f"the inputs that output {at} depends on (kernel {kernel}, dilation {dilation})")


def gated_block(answer, *, rng=None, cases: int = 12) -> None:
    """Gated residual block with a global and a local condition. (exercise 15.4)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        c, skip, g, local = (int(n) for n in rng.integers(2, 6, size=4))
        kernel, dilation = [2, 3][case % 2], int([1, 2, 4, 7][case % 4])
        batch, samples, dtype = 1 + case % 3, int(rng.integers(2, 30)), DTYPES[case // 2 % 2]
        sizes = {"conv": (2 * c, c, kernel), "conv_bias": (2 * c,), "global": (2 * c, g), "local": (2 * c, local),
                 "residual": (c, c), "residual_bias": (c,), "skip": (skip, c), "skip_bias": (skip,)}
        w = {name: _tensor(rng.normal(size=size), dtype, strided=False) for name, size in sizes.items()}
        x, y = (_tensor(rng.normal(size=(batch, n, samples)), dtype, strided=case % 3 == 2) for n in (c, local))
        world = _tensor(rng.normal(size=(batch, g)), dtype, strided=False)
        args = (x, world, y, w, dilation)
        got = _two(f.call(*args), "gated_block", "(x + R z, S z)")
        context = f"for x of shape {tuple(x.shape)}, kernel {kernel}, dilation {dilation}"
        for i, name in enumerate(("the first output", "the skip")):
            expect_close(got[i], oracle.gated(*args)[i], name, rtol=1e-4, atol=1e-5, context=context,
                         mistakes=lambda args=args, i=i: mistakes.gated(*args, i))
    passed("gated_block", f"{cases} sizes with global and local condition: both outputs")


def receptive_field(answer, *, rng=None, cases: int = 30) -> None:
    """Input samples that one output sample sees. (exercise 15.3)"""
    f, rng = subject(answer), visible_rng(rng)
    stacks = [([4, 2, 3], [3, 13, 2]), ([2] * 20, 2 * [2**i for i in range(10)]), ([2] * 4, [1, 2, 4, 8])]
    stacks += [([3], [5]), ([1], [4])]
    for _ in range(cases):
        layers = int(rng.integers(1, 7))
        stacks.append((rng.integers(1, 5, size=layers).tolist(), rng.integers(1, 9, size=layers).tolist()))
    for kernels, dilations in stacks:
        want = oracle.receptive_field(kernels, dilations)
        expect_equal(f.call(kernels, dilations), want, "the receptive field",
                     context=f"for kernels {kernels} and dilations {dilations}",
                     mistakes=mistakes.receptive_field(kernels, dilations))
    passed("receptive_field", f"{len(stacks)} stacks, each walked back tap by tap")


def generate(answer, *, rng=None, cases: int = 8) -> None:
    """Generation with queues equals naive generation, and leaves the right queues. (exercise 15.5)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        batch, number, channels = [1, 2, 3][case % 3], 2 * int(rng.integers(3, 6)), int(rng.integers(2, 5))
        kernels = [[2, 2, 2], [2, 3, 2], [3, 2], [2]][case % 4]
        dilations = [[1, 2, 4], [1, 2, 3], [2, 5], [6]][case % 4]
        dtype = DTYPES[case % 2]
        layers = [
            {"weight": _tensor(1.5 * rng.normal(size=(channels, channels, k)), dtype, strided=False), "dilation": d}
            for k, d in zip(kernels, dilations, strict=True)
        ]
        embed = _tensor(rng.normal(size=channels), dtype, strided=False)
        readout = _tensor(rng.normal(size=(number, channels)), dtype, strided=False)
        samples = int(rng.integers(3, 6)) if case % 4 == 3 else int(rng.integers(14, 24))
        uniform = rng.uniform(size=(batch, samples))
        want, queues, _ = oracle.generate(layers, embed, readout, uniform, rng=rng)
        got = _two(f.call(layers, embed, readout, torch.from_numpy(uniform).to(dtype)), "generate",
                   "(classes, queues)")
        context = f"for {batch} sound(s), kernels {kernels} and dilations {dilations}"
        _expect_queues_fit(got[1], queues, kernels, dilations, context)
        _expect_classes(got[0], want, context, lambda a=(layers, embed, readout, uniform): mistakes.generated(*a))
        for i, (queue, right) in enumerate(zip(got[1], queues, strict=True)):
            expect_close(queue, right, f"the queue of layer {i} at the end", rtol=1e-4, atol=1e-5, context=context,
                         mistakes={
                             "it holds the newest first: queue[0] is the oldest.": right[::-1],
                             "it lacks the input of the last sample: push it before you go on.":
                                 np.concatenate([np.zeros_like(right[:1]), right[:-1]]),
                         })
    _expect_rare_draws(f)
    passed("generate", f"{cases} networks: the samples of naive generation, and the queues at the end")


def _expect_classes(got, want: np.ndarray, context: str, named) -> None:
    """As `expect_equal`, with the place where two sequences part."""
    classes = as_array(got, "the classes")
    expect(classes.shape == want.shape,
           f"the classes should have shape (batch, samples) = {want.shape} {context}, got {classes.shape}.")
    if (classes == want).all():
        return
    t = int((classes != want).any(0).argmax())
    b = int((classes[:, t] != want[:, t]).argmax())
    cause = next((text for text, make in named().items() if np.array_equal(make(), classes)), "")
    expect(False, f"the sequence of classes is wrong {context}: {cause or 'no usual mistake gives these classes.'} The "
           f"first sample that differs is {t} (of sound {b}): expected class {want[b, t]}, got {classes[b, t]:g}.")


def _expect_rare_draws(f) -> None:
    """u at a step of the distribution function: a class of probability 0, and the largest u below 1.

    The first sample has equal logits, the second the first column of `readout` times what was heard. Whether a running
    sum in float32 ends below 1 depends on the logits: a batch of sounds that heard different classes has some.
    """
    layers = [{"weight": torch.zeros(2, 2, 2), "dilation": 1}]
    embed, below_one = torch.tensor([1.0, 0.0]), 1 - 2.0**-24
    readout = torch.zeros(8, 2)
    readout[0, 0] = -5000.0
    classes = as_array(_two(f.call(layers, embed, readout, torch.tensor([[0.95, 0.0]])), "generate",
                            "(classes, queues)")[0], "the classes").tolist()
    expect(classes == [[7, 1]],
           "u = 0 where class 0 has probability 0: the first class whose running sum *exceeds* u is 1: expected "
           f"classes [[7, 1]], got {classes}. Is it `total <= u` that is counted?")
    number = 33
    readout = torch.zeros(number, 2)
    readout[:, 0] = 2 * torch.sin(torch.arange(number) * 2.4)
    first = (torch.arange(number) + 0.5) / number                               # equally likely: one sound per class
    uniform = torch.stack([first, torch.full((number,), below_one)], 1)
    got = as_array(_two(f.call(layers, embed, readout, uniform), "generate", "(classes, queues)")[0], "the classes")
    drawn = sorted(set(got[:, 1].tolist()))
    expect(drawn == [number - 1],
           f"u = 1 - 2^-24 should give the last of {number} classes, {number - 1}, got {drawn}. "
           "Rounded, the last running sum may stay below u: the class is at most C − 1.")


def _expect_queues_fit(got, want: list[np.ndarray], kernels: list[int], dilations: list[int], context: str) -> None:
    expect(isinstance(got, (list, tuple)) and len(got) == len(want),
           f"the second result should be a list of {len(want)} queues {context}, one per layer, got {describe(got)}.")
    for i, (queue, right) in enumerate(zip(got, want, strict=True)):
        shape = as_array(queue, f"the queue of layer {i}").shape
        kernel, dilation = kernels[i], dilations[i]
        expect(shape == right.shape,
               f"the queue of layer {i} (kernel {kernel}, dilation {dilation}) should have shape {right.shape} "
               f"{context}, got {shape}: its length is dilation·(kernel − 1) = {dilation * (kernel - 1)} inputs, each "
               "of shape (batch, channels).")


def _tensor(x: np.ndarray, dtype: torch.dtype, *, strided: bool) -> Tensor:
    """`x` as a tensor; if `strided`, every second element of a larger one, so that it is not contiguous."""
    t = torch.as_tensor(x, dtype=dtype)
    return torch.stack([t, t + 1], -1)[..., 0] if strided else t


def _two(value, name: str, what: str) -> tuple:
    expect(isinstance(value, (tuple, list)) and len(value) == 2, f"`{name}` should return two values {what}.")
    return value
