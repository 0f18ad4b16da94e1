"""Additive attention and the context vector, against loops over single scores."""

import numpy as np
import torch
from numpy.random import Generator

from course_lib.checks.attention import oracles as oracle
from course_lib.checks.attention.expectations import WEIGHTS, expect_gradients, expect_no_nan, expect_silent_padding
from course_lib.checks.core import CheckFailed, as_array, expect, expect_close, passed, subject, visible_rng


def additive_attention(answer, *, rng: Generator | None = None, cases: int = 8) -> None:
    """Context and weights of random batches, with large scores, and their gradients. (exercise 14.2)"""
    f, rng = subject(answer), visible_rng(rng)
    _expect_context(f, _draw(rng, 4, 4, 3, 3, 3, [4, 4]))
    _expect_context(f, _draw(rng, 5, 5, 4, 4, 4, [5, 2, 3]))
    _expect_context(f, _draw(rng, 1, 3, 2, 4, 3, [3, 2]))
    for i in range(cases):
        keys, batch = int(rng.integers(2, 8)), 1 + i % 3
        sizes = (int(n) for n in rng.integers(2, 7, 3))
        _expect_context(
            f,
            _draw(
                rng, int(rng.integers(1, 6)), keys, *sizes, rng.integers(1, keys + 1, batch).tolist(), turned=i % 3 == 2
            ),
        )
    _expect_context(f, _draw(rng, 3, 4, 3, 5, 4, [2, 0, 4]))
    for lengths in ([4, 4], [4, 2]):
        _expect_large(f, rng, lengths)
    for output, lengths in ((0, [4, 2, 3]), (0, [4, 0, 2]), (1, [4, 0, 2])):
        expect_gradients(
            f, _draw(rng, 3, 4, 3, 5, 4, lengths), _both(output), names="g h W_g W_h v", rng=rng, output=output
        )
    passed("additive_attention", f"{cases + 4} batches, one with nothing but padding, large scores, gradients")


def _draw(rng, queries, keys, g_size, h_size, size, lengths, *, turned=False) -> list[torch.Tensor]:
    """(g, h, w_g, w_h, v, mask) in float32, as everything in the notebook."""
    batch = len(lengths)
    shapes = (batch, queries, g_size), (batch, keys, h_size), (size, g_size), (size, h_size), (size,)
    mask = np.arange(keys) < np.array(lengths)[:, None]
    if turned:
        mask = mask[:, ::-1].copy()  # padding in front: nothing says that it must be behind
    return [*(torch.from_numpy(rng.normal(0, 1, shape)).float() for shape in shapes), torch.from_numpy(mask)]


def _both(output: int):
    """The context (0) or the weights (1), differentiable: torch's scaled dot product with a score as its bias."""

    def wanted(g, h, w_g, w_h, v, mask):
        scores = torch.einsum("s,bnms->bnm", v, (g @ w_g.T).unsqueeze(2).add((h @ w_h.T).unsqueeze(1)).tanh())
        weights = oracle.sdpa_weights(scores, torch.eye(h.shape[1]).to(h).expand(len(h), -1, -1), None, mask)
        return (torch.einsum("bnm,bmd->bnd", weights, h), weights)[output]

    return wanted


def _expect_context(f, given: list[torch.Tensor]) -> None:
    g, h, w_g, w_h, v = (x.double().numpy() for x in given[:-1])
    mask, queries, keys = given[-1].numpy(), g.shape[1], h.shape[1]
    lengths = mask.sum(1).tolist()
    scores = oracle.additive_by_loops(g, h, w_g, w_h, v)
    weights = oracle.masked_by_loops(scores, mask)
    want = np.einsum("bnm,bmd->bnd", weights, h)
    context = f"for {len(g)} × {queries} queries and {keys} keys, of which {lengths} are no padding"
    got = _two_results(f.call(*given), want, weights)
    expect_no_nan(got[1], lengths)
    expect_close(
        got[1],
        weights,
        WEIGHTS,
        rtol=1e-4,
        atol=5e-5,
        mistakes=lambda: _weight_mistakes(g, h, w_g, w_h, v, mask),
        context=context,
    )
    expect_silent_padding(got[1], given[-1], context)

    def mistakes() -> dict:
        leaks = oracle.masked_mistakes(scores, mask)  # a small one may show here first, where keys are large
        return {
            "it is the plain mean of the keys: weigh them.": np.repeat(h.mean(1, keepdims=True), queries, 1),
            "it was divided by the number of keys: the weights already sum to one.": want / keys,
            "only the key with the largest weight was taken: the context is the weighted mean.": h[
                np.arange(len(g))[:, None], weights.argmax(-1)
            ],
            "it is a mean of the projected keys W_h h: the mean of the keys h is asked for.": weights @ (h @ w_h.T),
            "it is a mean of queries: the mean of the keys is asked for.": np.swapaxes(weights, 1, 2) @ g,
        } | {f"the weights are not right: {sentence}": wrong @ h for sentence, wrong in leaks.items()}

    expect_close(got[0], want, "the context", rtol=1e-4, atol=5e-5, mistakes=mistakes, context=context)


def _weight_mistakes(g, h, w_g, w_h, v, mask) -> dict:
    def weights(scores):
        return oracle.masked_by_loops(scores, mask)

    def scores(*inputs, **options):
        return oracle.additive_by_loops(*inputs, **options)

    plain = scores(g, h, w_g, w_h, v, squash=lambda x: x)
    apart = np.einsum("s,bnms->bnm", v, np.tanh(g @ w_g.T)[:, :, None] + np.tanh(h @ w_h.T)[:, None])
    table = oracle.masked_mistakes(scores(g, h, w_g, w_h, v), mask)
    table |= {
        "the tanh is missing: without it the query only adds the same number to all scores of its row.": weights(plain),
        "the tanh belongs inside: v' tanh(...), not tanh(v' ...).": weights(np.tanh(plain)),
        "each projection has its own tanh: add W_g g and W_h h first, or the query only adds a number to its row.":
            weights(apart),
        "v is missing: the score is v' tanh(...), not a sum over the hidden units.":
            weights(scores(g, h, w_g, w_h, np.ones_like(v))),
        "this is a logistic function: the score has a tanh.":
            weights(scores(g, h, w_g, w_h, v, squash=lambda x: 1 / (1 + np.exp(-x)))),
    }
    if len(v) == g.shape[2] == h.shape[2]:
        table["W_g and W_h are transposed: they have the shapes (size, g_size) and (size, h_size)."] = weights(
            scores(g, h, w_g.T, w_h.T, v)
        )
        table["W_g and W_h have changed places: W_g belongs to the queries."] = weights(scores(g, h, w_h, w_g, v))
    return table


def _two_results(got, want: np.ndarray, weights: np.ndarray) -> tuple:
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        raise CheckFailed("expected two results, (context, weights).")
    shapes_got = tuple(as_array(x, "a result").shape for x in got)
    expect(
        weights.shape == want.shape or shapes_got != (weights.shape, want.shape),
        "the two results are in the other order: the context comes first, then the weights.",
    )
    return got


def _expect_large(f, rng: Generator, lengths: list[int]) -> None:
    """Scores of about 2000 above and below zero, and padding that is 1000 above the keys; each tanh is 1 or -1."""
    mask = np.arange(4) < np.array(lengths)[:, None]
    g, h = rng.normal(0, 1, (2, 4, 3)), 20.0 * rng.choice([-1, 1], (2, 4, 4))
    g[..., 0] = 20 * rng.permutation([1, -1, 1, -1])
    h[..., 3] = np.where(mask, -20, 20)
    w_g, w_h = np.zeros((5, 3)), np.eye(5, 4, -1)
    w_g[0, 0] = 1
    v = np.array([2000, *rng.integers(2, 9, 3) / 8, 500])
    weights = oracle.masked_by_loops(oracle.additive_by_loops(g, h, w_g, w_h, v), mask)
    given = [torch.from_numpy(x).float() for x in (g, h, w_g, w_h, v)]
    got = _two_results(f.call(*given, torch.from_numpy(mask)), weights @ h, weights)
    found = as_array(got[1], WEIGHTS)
    if mask.all():
        expect(
            np.isfinite(found).all() and (found.sum(-1) > 0.5).all(),
            "scores of 2000 (v is large) give weights that are infinite, NaN or all zero: exp overflows, or gives 0 "
            "for all keys. Subtract the largest score of each row first, or use torch's softmax.",
        )
    elif not np.isfinite(found).all() or np.abs(found.sum(-1) - 1).max() > 1e-3:
        raise CheckFailed(
            "with padding whose scores are 1000 above those of the keys, the weights of the real keys are not finite "
            "or do not sum to one: the mask comes after the softmax, or after the largest score is looked for, or what "
            "stands for minus infinity is not low enough."
        )
    context = "for scores of some thousands (v is large)"
    expect_close(got[1], weights, WEIGHTS, rtol=1e-3, atol=1e-4, context=context)
    expect_close(got[0], weights @ h, "the context", rtol=1e-3, atol=1e-4, context=context)
