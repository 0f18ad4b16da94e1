"""What both kinds of attention must do: zeros where there is no key, and finite gradients."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from course_lib.checks.core import as_array, expect, expect_close
from course_lib.checks.core.values import Data

WEIGHTS = "the set of attention weights"


def expect_no_nan(got: Data, lengths: Sequence[int]) -> None:
    """A phrase of padding only has finite weights."""
    weights = as_array(got, WEIGHTS)
    if 0 in lengths and len(weights) == len(lengths):
        expect(
            np.isfinite(weights[list(lengths).index(0)]).all(),
            "a phrase that is padding only gives NaN: all its scores are minus infinity. The card asks for zeros.",
        )


def expect_silent_padding(got: Data, mask: Tensor, context: str) -> None:
    """The weights of padding are zero, not small."""
    weights = as_array(got, WEIGHTS)
    padding = weights[np.broadcast_to(~mask.numpy()[:, None], weights.shape)]
    if padding.any():
        raised = padding[np.abs(padding).argmax()]
        expect(False, f"padding has a weight of {raised:.3g} {context}: it must be exactly 0.")


def expect_gradients(
    f, inputs: list[Tensor], wanted: Callable, *, names: str, rng: Generator, output: int | None = None
) -> None:
    """Gradients at all inputs but the mask, which is the last; `wanted` computes the same in float64."""
    exact = [x.double().requires_grad_() for x in inputs[:-1]]
    value = wanted(*exact, inputs[-1])
    cotangent = rng.normal(0, 1, tuple(value.shape))
    (value * torch.from_numpy(cotangent)).sum().backward()
    got = f.gradients(*inputs, output=output, cotangent=cotangent)
    empty = not bool(inputs[-1].any(1).all())
    where = " in a batch with a phrase without any key" if empty else ""
    for i, name in enumerate(names.split()):
        expect(f"input{i}" in got, f"no gradient reaches {name}: was something detached or computed with numpy?")
        expect(
            np.isfinite(got[f"input{i}"]).all(),
            f"the gradient at {name} is NaN{where}, though all weights are finite: nan_to_num mends values, not the "
            "gradient of a softmax over nothing but minus infinity. Set scores with masked_fill or torch.where, "
            "through which no gradient flows back, rather than adding minus infinity to them.",
        )
        expect_close(
            got[f"input{i}"], exact[i].grad.numpy(), f"the gradient at {name}", rtol=2e-4, atol=1e-5, context=where[1:]
        )
