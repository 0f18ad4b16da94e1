"""Additive attention and the context vector, against loops over single scores."""

import numpy as np
import torch
from numpy.random import Generator

from course_lib.checks.attention import oracles as oracle
from course_lib.checks.core import CheckFailed, as_array, expect, expect_close, passed, subject, visible_rng


def additive_attention(answer, *, rng: Generator | None = None, cases: int = 8) -> None:
    """Context and weights of random batches. (exercise 14.2)"""
    f, rng = subject(answer), visible_rng(rng)
    _expect_context(f, rng, 2, 4, 4, 3, 3, 3, [4, 4])
    for i in range(cases):
        keys, batch = int(rng.integers(2, 8)), 1 + i % 3
        _expect_context(
            f,
            rng,
            batch,
            int(rng.integers(1, 6)),
            keys,
            *(int(n) for n in rng.integers(2, 7, 3)),
            rng.integers(1, keys + 1, batch).tolist(),
            (torch.float64, torch.float32)[i % 2],
        )
    _expect_context(f, rng, 3, 3, 4, 3, 5, 4, [2, 0, 4])
    passed("additive_attention", f"{cases + 2} batches, one with nothing but padding")


def _expect_context(f, rng, batch, queries, keys, g_size, h_size, size, lengths, dtype=torch.float64) -> None:
    shapes = (batch, queries, g_size), (batch, keys, h_size), (size, g_size), (size, h_size), (size,)
    g, h, w_g, w_h, v = (rng.normal(0, 1, shape).astype(np.float32).astype(np.float64) for shape in shapes)
    mask = np.arange(keys) < np.array(lengths)[:, None]
    scores = oracle.additive_by_loops(g, h, w_g, w_h, v)
    weights = oracle.masked_by_loops(scores, mask)
    want = np.einsum("bnm,bmd->bnd", weights, h)

    def weight_mistakes() -> dict:
        table = oracle.masked_mistakes(scores, mask)
        linear = oracle.masked_by_loops(oracle.additive_by_loops(g, h, w_g, w_h, v, lambda x: x), mask)
        table["the tanh is missing: without it the query only adds the same number to all scores of its row."] = linear
        outside = np.tanh(oracle.additive_by_loops(g, h, w_g, w_h, v, lambda x: x))
        table["the tanh belongs inside: v' tanh(...), not tanh(v' ...)."] = oracle.masked_by_loops(outside, mask)
        if g_size == h_size == size:
            turned = oracle.additive_by_loops(g, h, w_g.T, w_h.T, v)
            table["W_g and W_h are transposed: they have the shapes (size, g_size) and (size, h_size)."] = (
                oracle.masked_by_loops(turned, mask)
            )
        return table

    given = [torch.from_numpy(x).to(dtype) for x in (g, h, w_g, w_h, v)]
    got = f.call(*given, torch.from_numpy(mask))
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        raise CheckFailed("expected two results, (context, weights).")
    shapes_got = tuple(as_array(x, "a result").shape for x in got)
    expect(
        weights.shape == want.shape or shapes_got != (weights.shape, want.shape),
        "the two results are in the other order: the context comes first, then the weights.",
    )
    context = f"for {batch} × {queries} queries and {keys} keys, of which {lengths} are no padding"
    if 0 in lengths:
        expect(
            np.isfinite(as_array(got[1], "the weights")).all(),
            "a phrase that is padding only gives NaN: all its scores are minus infinity. The card asks for zeros.",
        )
    expect_close(got[1], weights, "the weights", rtol=5e-5, atol=5e-5, mistakes=weight_mistakes, context=context)
    mistakes = {
        "it is the plain mean of the keys: weigh them.": np.repeat(h.mean(1, keepdims=True), queries, 1),
        "it was divided by the number of keys: the weights already sum to one.": want / keys,
        "only the key with the largest weight was taken: the context is the weighted mean.": h[
            np.arange(batch)[:, None], weights.argmax(-1)
        ],
    }
    expect_close(got[0], want, "the context", rtol=5e-5, atol=5e-5, mistakes=mistakes, context=context)
