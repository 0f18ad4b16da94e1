"""Masked bilinear attention, against torch's scaled dot-product attention."""

import numpy as np
import torch
from numpy.random import Generator

from course_lib.checks.attention import oracles as oracle
from course_lib.checks.core import as_array, expect, expect_close, passed, subject, visible_rng


def bilinear_attention(answer, *, rng: Generator | None = None, cases: int = 8) -> None:
    """Weights of random queries and keys, with padding of every kind, and their gradients. (exercise 14.1)"""
    f, rng = subject(answer), visible_rng(rng)
    _expect_weights(f, rng, batch=2, queries=4, keys=4, g_size=4, h_size=4, lengths=[4, 4])
    _expect_weights(f, rng, batch=3, queries=5, keys=5, g_size=5, h_size=5, lengths=[5, 2, 3])
    for i in range(cases):
        keys = int(rng.integers(2, 9))
        batch = 1 + i % 3
        _expect_weights(
            f,
            rng,
            batch=batch,
            queries=int(rng.integers(1, 7)),
            keys=keys,
            g_size=int(rng.integers(2, 7)),
            h_size=int(rng.integers(2, 7)),
            lengths=rng.integers(1, keys + 1, batch).tolist(),
            dtype=(torch.float64, torch.float32)[i % 2],
            turned=i % 3 == 0,
        )
    _expect_weights(f, rng, batch=3, queries=3, keys=4, g_size=3, h_size=3, lengths=[2, 0, 4])
    _expect_large(f, rng)
    _expect_gradient(f, rng)
    passed("bilinear_attention", f"{cases + 3} batches, padding with huge scores, gradients")


def _draw(rng, batch, queries, keys, g_size, h_size, lengths, dtype=torch.float64, turned=False):
    g, h = rng.normal(0, 1, (batch, queries, g_size)), rng.normal(0, 1, (batch, keys, h_size))
    w = rng.normal(0, 0.8, (g_size, h_size))
    mask = np.arange(keys) < np.array(lengths)[:, None]
    if turned:
        mask = mask[:, ::-1].copy()  # padding in front: nothing says that it must be behind
    return [*(torch.from_numpy(x).to(dtype) for x in (g, h, w)), torch.from_numpy(mask)]


def _expect_weights(f, rng, *, dtype=torch.float64, turned=False, lengths, **sizes) -> None:
    g, h, w, mask = _draw(rng, lengths=lengths, dtype=dtype, turned=turned, **sizes)
    want = oracle.sdpa_weights(g.double(), h.double(), w.double(), mask)
    context = (
        f"for {sizes['batch']} × {sizes['queries']} queries and {sizes['keys']} keys, of which {lengths} are no padding"
    )

    def mistakes() -> dict:
        g_, h_, w_, there = (x.double().numpy() if x.is_floating_point() else x.numpy() for x in (g, h, w, mask))
        scores = np.einsum("bnd,de,bme->bnm", g_, w_, h_)
        table = oracle.masked_mistakes(scores, there)
        table["the scores are divided by a root of the size, as in a transformer; here s = g' W h."] = (
            oracle.masked_by_loops(scores / np.sqrt(h.shape[2]), there)
        )
        table["W was left out: s = g' W h."] = (
            oracle.masked_by_loops(np.einsum("bnd,bmd->bnm", g_, h_), there) if g.shape[2] == h.shape[2] else scores
        )
        if w.shape[0] == w.shape[1]:
            table["W is transposed: s = g' W h, with W of shape (g_size, h_size)."] = oracle.masked_by_loops(
                np.einsum("bnd,ed,bme->bnm", g_, w_, h_), there
            )
        return table

    got = f.call(g, h, w, mask)
    if 0 in lengths and not np.isfinite(as_array(got, "the weights")).all():
        empty = as_array(got, "the weights")[lengths.index(0)]
        expect(
            np.isfinite(empty).all(),
            "a phrase that is padding only gives NaN: all its scores are minus infinity. The card asks for zeros.",
        )
    expect_close(got, want.numpy(), "the attention weights", rtol=2e-5, atol=2e-5, mistakes=mistakes, context=context)


def _expect_large(f, rng) -> None:
    """Padding that is anything but quiet: after the softmax of everything no mask can bring the others back."""
    g, h, w, mask = _draw(rng, 2, 3, 5, 4, 4, [3, 4])
    loud = g[:, :1] @ w  # (batch, 1, h_size)
    h[~mask] = (4000 * loud / loud.square().sum(-1, keepdim=True)).expand_as(h)[~mask]
    want = oracle.sdpa_weights(g, h, w, mask)
    got = as_array(f.call(g, h, w, mask), "the weights")
    expect(
        np.isfinite(got).all() and np.abs(got.sum(-1) - 1).max() < 1e-3,
        "with scores of about 4000 in the padding, the weights of the real keys are not finite or do not sum to one: "
        "the mask comes after the softmax, or is undone by a division afterwards. By then the weights of the real keys "
        "are zero in floating point. Mask the scores before it.",
    )
    expect_close(got, want.numpy(), "the attention weights", rtol=2e-5, atol=2e-5, context="with loud padding")
    h = 500 * h.masked_fill(~mask[:, :, None], 0.0)
    got = as_array(f.call(g, h, w, mask), "the weights")
    expect(
        np.isfinite(got).all(),
        "scores of some thousands give infinite or NaN weights: exp overflows. Subtract the largest score of each row "
        "first, or use torch's softmax.",
    )


def _expect_gradient(f, rng) -> None:
    g, h, w, mask = _draw(rng, 2, 3, 4, 3, 5, [4, 2])
    weight = rng.normal(0, 1, (2, 3, 4))
    inputs = [x.clone().requires_grad_() for x in (g, h, w)]
    (oracle.sdpa_weights(*inputs, mask) * torch.from_numpy(weight)).sum().backward()
    got = f.gradients(g, h, w, mask, cotangent=weight)
    for i, name in enumerate(("g", "h", "W")):
        expect(f"input{i}" in got, f"no gradient reaches {name}: was something detached or computed with numpy?")
        expect_close(got[f"input{i}"], inputs[i].grad.numpy(), f"the gradient at {name}", rtol=1e-4, atol=1e-6)
