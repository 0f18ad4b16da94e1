"""Masked bilinear attention with scores of some thousands, all of them integers: exact in float32 in any order."""

import numpy as np
import torch
from numpy.random import Generator

from course_lib.checks.attention import oracles as oracle
from course_lib.checks.attention.expectations import WEIGHTS, expect_silent_padding
from course_lib.checks.core import as_array, expect, expect_close

FAR = 1000.0


def _draw_thousands(rng: Generator, lengths: list[int]) -> tuple:
    """(g, h, w, mask): queries whose scores are about 2000 and 3000 above or below zero, keys that differ by little.

    Padding is zero: its score is far above those of the rows below zero.
    """
    batch, keys = len(lengths), max(lengths)
    mask = np.arange(keys) < np.array(lengths)[:, None]
    for _ in range(200):
        g, h = rng.integers(-1, 2, (batch, 4, 3)), rng.integers(-1, 2, (batch, keys, 4))
        w = rng.integers(-1, 2, (3, 4))
        g[..., 0], h[..., 0] = rng.permutation([3, -3, 2, -2]), FAR
        w[:, 0] = 1, 0, 0
        g, h, w = (x.astype(float) for x in (g, h * mask[..., None], w))
        weights = oracle.masked_by_loops(np.einsum("bnd,de,bme->bnm", g, w, h), mask)
        even = mask[:, None] / mask.sum(1)[:, None, None]
        if (np.abs(weights - even).max(-1) > 0.1).all():
            break
    return *(torch.from_numpy(x).float() for x in (g, h, w)), torch.from_numpy(mask)


def expect_thousands(f, rng: Generator, lengths: list[int]) -> None:
    """Scores of both signs, without or with padding, whose scores are zero."""
    g, h, w, mask = _draw_thousands(rng, lengths)
    want = oracle.sdpa_weights(g.double(), h.double(), w.double(), mask).numpy()
    got = as_array(f.call(g, h, w, mask), WEIGHTS)
    if mask.all():
        expect(
            np.isfinite(got).all() and (got.sum(-1) > 0.5).all(),
            "scores of some thousands give weights that are infinite, NaN or all zero: exp overflows, or gives 0 "
            "for all keys. Subtract the largest score of each row first, or use torch's softmax.",
        )
    padded = ~mask.all(1)[:, None, None]
    mistakes = {
        "all keys have the same weight: were large scores cut off (clamp)?": oracle.masked_by_loops(0 * want, mask),
        "where the scores of keys are far below zero, padding has taken all the weight: what stands for minus infinity "
        "is not low enough.": np.where(((g @ w)[..., :1] < 0) & padded, 0.0, want),
    }
    context = f"for scores of some thousands, above and below zero, {lengths} keys of {max(lengths)}"
    expect_close(got, want, WEIGHTS, rtol=1e-4, atol=1e-4, context=context, mistakes=mistakes)
    expect_silent_padding(got, mask, context)


def expect_loud_padding(f, rng: Generator) -> None:
    """Padding that is anything but quiet: after the softmax of everything no mask can bring the others back."""
    shapes = (2, 3, 4), (2, 5, 4), (4, 4)
    g, h, w = (torch.from_numpy(rng.normal(0, 0.9, shape)).float() for shape in shapes)
    mask = torch.arange(5) < torch.tensor([[3], [4]])
    loud = g[:, :1] @ w  # (batch, 1, h_size)
    h[~mask] = (4000 * loud / loud.square().sum(-1, keepdim=True)).expand_as(h)[~mask]
    want = oracle.sdpa_weights(g.double(), h.double(), w.double(), mask)
    got = as_array(f.call(g, h, w, mask), WEIGHTS)
    expect(
        np.isfinite(got).all() and np.abs(got.sum(-1) - 1).max() < 1e-3,
        "with scores of about 4000 in the padding, the weights of the real keys are not finite or do not sum to one: "
        "the mask comes after the softmax, or after the largest score is looked for. By then the weights of the real "
        "keys are zero in floating point, and no division brings them back. Mask the scores before it.",
    )
    expect_close(got, want.numpy(), WEIGHTS, rtol=5e-5, atol=5e-5, context="with loud padding")
    expect_silent_padding(got, mask, "with loud padding")
