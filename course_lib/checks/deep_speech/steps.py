"""How many steps come out of a stack of convolutions, what one step sees, and whether CTC can write a label in them."""

import itertools

import numpy as np
import torch
from numpy.random import Generator

from course_lib.checks.core import CheckFailed, expect_equal, passed, subject, visible_rng

KEYS = ("steps", "stride", "field", "needed", "feasible")
TELLING = 93, [(8, 3, 2), (10, 2, 2)]
"""Frames and convolutions for which every usual mistake gives another number."""


def time_plan(answer, *, rng: Generator | None = None, cases: int = 40) -> None:
    """Against the convolutions and the CTC loss of torch. (exercise 13.2)"""
    f, rng = subject(answer), visible_rng(rng)
    _expect_plan(f, *TELLING, [2, 1, 1, 3, 1])
    _expect_plan(f, 1, [(3, 1, 1)], [1])                        # one frame is enough, with its padding
    _expect_plan(f, 2, [(9, 2, 1)], [1])                        # the kernel is wider than all there is
    _expect_plan(f, 3, [(11, 4, 1), (2, 1, 2)], [1])            # and a layer above it, which has padding alone
    _expect_plan(f, 5, [], [1, 2, 2])                           # no layer at all: each frame is a step
    _expect_plan(f, 2, [(9, 2, 1)], [])                         # no step, and none needed
    for case in range(cases):
        layers = [_layer(rng) for _ in range(int(rng.integers(0 if case % 8 == 7 else 1, 4)))]
        frames = int(rng.integers(1, 60))
        label = rng.integers(1, 4, int(rng.integers(0, 12))).tolist()
        _expect_plan(f, frames, layers, label)
        _expect_edge(f, layers, frames, rng)
    passed("time_plan", f"{cases} stacks of up to three convolutions, half of the labels at the edge of the possible")


def _layer(rng: Generator) -> tuple[int, int, int]:
    kernel = int(rng.integers(1, 10))
    return kernel, int(rng.integers(1, 4)), int(rng.integers(0, kernel // 2 + 1))


def _expect_edge(f, layers: list, frames: int, rng: Generator) -> None:
    """A label that needs just the steps there are, and one that needs one more, by a symbol that is repeated."""
    steps = _steps(frames, layers)
    if steps < 3:
        return
    label = [1 + i % 3 for i in range(steps - 1)]
    at = int(rng.integers(1, len(label)))
    twice = [*label[:at], label[at - 1], *label[at:]]           # one symbol and one repeat more: steps + 1
    _expect_plan(f, frames, layers, [*label, label[-1] % 3 + 1])
    _expect_plan(f, frames, layers, twice)


def _expect_plan(f, frames: int, layers: list, label: list[int]) -> None:
    got = f.call(frames, layers, label)
    if not isinstance(got, dict) or not set(KEYS) <= set(got):
        raise CheckFailed(f"the plan should be a dictionary with the keys {', '.join(KEYS)}.")
    context = f"for {frames} frames and the convolutions (kernel, stride, padding) {layers}"
    steps = _steps(frames, layers)
    expect_equal(got["steps"], steps, "`steps`", context=context, mistakes=_step_faults(frames, layers, steps))
    stride = int(np.prod([s for _, s, _ in layers], initial=1))
    expect_equal(got["stride"], stride, "`stride`", context=context, mistakes={
        "strides of layers multiply; yours are added.": sum(s for _, s, _ in layers),
    })
    expect_equal(got["field"], _field(layers), "`field`", context=context, mistakes=_field_faults(layers))
    repeats = sum(a == b for a, b in itertools.pairwise(label))
    expect_equal(got["needed"], len(label) + repeats, "`needed`", context=f"for the label {label}", mistakes={
        "two equal symbols in a row need a blank between them, one step more for each such pair.": len(label),
        "that is the number of states of the trellis, 2L + 1; most blanks may be skipped.": 2 * len(label) + 1,
        "Only neighbours that are equal need a blank between them.": len(label) + len(label) - len(set(label)),
    })
    possible = _possible(steps, label)
    expect_equal(got["feasible"], possible, "`feasible`", context=f"for {steps} steps and the label {label}",
                 mistakes={"an empty label needs no step: it can be written in 0.": None if label else steps > 0,
                           "exactly as many steps as are needed are enough.": len(label) + repeats < steps})


def _steps(frames: int, layers: list) -> int:
    """By letting torch convolve; nothing comes out where the kernel does not fit."""
    x = torch.zeros(1, 1, frames)
    for kernel, stride, padding in layers:
        if x.shape[-1] == 0 or x.shape[-1] + 2 * padding < kernel:
            return 0
        x = torch.nn.functional.conv1d(x, torch.zeros(1, 1, kernel), stride=stride, padding=padding)
    return x.shape[-1]


def _step_faults(frames: int, layers: list, steps: int) -> dict:
    def through(rule):
        n = frames
        for layer in layers:
            n = max(rule(n, *layer), 0) if n > 0 else 0
        return n

    raw = frames
    for k, s, p in layers:
        raw = (raw + 2 * p - k) // s + 1
    faults = {
        "one too few per layer: the first place of the kernel counts too, floor((n + 2p - k) / s) + 1.":
            through(lambda n, k, s, p: (n + 2 * p - k) // s),
        "the division is rounded up; where the kernel does not fit any more, nothing comes out: round down.":
            through(lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1),
        "the padding is on both sides: 2p.": through(lambda n, k, s, p: (n + p - k) // s + 1),
        "the kernel was forgotten: only the strides count in yours.": through(lambda n, k, s, p: n // s),
        "the kernel was forgotten: only the strides count in yours, rounded up.":
            through(lambda n, k, s, p: -(-n // s)),
        "the padding was forgotten.": through(lambda n, k, s, p: (n - k) // s + 1),
    }  # fmt: skip
    revived = frames
    for k, s, p in layers:
        revived = max((revived + 2 * p - k) // s + 1, 0)
    if revived != steps:
        faults["where nothing comes out, nothing goes into the layers above: 0 steps there too."] = revived
    if steps == 0:
        faults["a kernel that is wider than the padded input puts out nothing: 0 steps."] = raw
    return faults


def _field(layers: list) -> int:
    """Frames that reach one output: by the gradient of one output far from the edges."""
    span = 1
    for kernel, stride, _ in reversed(layers):
        span = (span - 1) * stride + kernel                     # exactly one output comes from so many inputs
    x = torch.zeros(1, 1, span + 40, dtype=torch.float64, requires_grad=True)
    y = x
    for kernel, stride, _ in layers:
        y = torch.nn.functional.conv1d(y, torch.ones(1, 1, kernel, dtype=torch.float64), stride=stride)
    y[0, 0, 0].backward()
    places = x.grad[0, 0].nonzero()[:, 0]
    return int(places.max() - places.min()) + 1


def _field_faults(layers: list) -> dict:
    def spans(order):
        span, jump = 1, 1
        for k, s, _ in order:
            span, jump = span + (k - 1) * jump, jump * s
        return span

    late, jump = 1, 1
    for k, s, _ in layers:
        jump *= s
        late += (k - 1) * jump
    return {
        "kernels in a stack do not multiply.": int(np.prod([k for k, _, _ in layers], initial=1)),
        "kernels do not just add up: one of a later layer spans more frames, by the strides below it.":
            1 + sum(k - 1 for k, _, _ in layers),
        "the stride of a layer widens the layers above it, not the layer itself.": late,
        "the layers are gone through from the wrong end.": spans(layers[::-1]),
        "the field is one too small: it starts with the one frame in its middle.": spans(layers) - 1,
        "the kernels were added up.": sum(k for k, _, _ in layers),
    }  # fmt: skip


def _possible(steps: int, label: list[int]) -> bool:
    """By the CTC loss of torch: infinite where no path writes the label."""
    if steps == 0:
        return not label
    log_y = torch.full((steps, 1, 4), 0.25, dtype=torch.float64).log()
    loss = torch.nn.functional.ctc_loss(
        log_y, torch.tensor([label], dtype=torch.long).reshape(1, -1), [steps], [len(label)], reduction="sum"
    )
    return bool(torch.isfinite(loss))

