"""Masked bilinear attention, against torch's scaled dot-product attention."""

import numpy as np
import torch
from numpy.random import Generator

from course_lib.checks.attention import large
from course_lib.checks.attention import oracles as oracle
from course_lib.checks.attention.expectations import WEIGHTS, expect_gradients, expect_no_nan, expect_silent_padding
from course_lib.checks.core import expect_close, passed, subject, visible_rng


def bilinear_attention(answer, *, rng: Generator | None = None, cases: int = 8) -> None:
    """Weights of random queries and keys, with padding of every kind, and their gradients. (exercise 14.1)"""
    f, rng = subject(answer), visible_rng(rng)
    _expect_weights(f, rng, batch=2, queries=4, keys=4, g_size=4, h_size=4, lengths=[4, 4])
    _expect_weights(f, rng, batch=3, queries=5, keys=5, g_size=5, h_size=5, lengths=[5, 2, 3])
    _expect_weights(f, rng, batch=2, queries=1, keys=3, g_size=2, h_size=4, lengths=[3, 2])
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
            turned=i % 3 == 0,
        )
    _expect_weights(f, rng, batch=3, queries=3, keys=4, g_size=3, h_size=3, lengths=[2, 0, 4])
    large.expect_thousands(f, rng, [4, 4])
    large.expect_loud_padding(f, rng)
    large.expect_thousands(f, rng, [5, 3])
    for lengths in ([4, 2, 3], [4, 0, 2]):
        expect_gradients(f, _draw(rng, 3, 3, 4, 3, 5, lengths), _weights, names="g h W", rng=rng)
    passed("bilinear_attention", f"{cases + 4} batches, scores of thousands, padding with huge scores, gradients")


def _weights(g, h, w, mask):
    return oracle.sdpa_weights(g, h, w, mask)


def _draw(rng, batch, queries, keys, g_size, h_size, lengths, turned=False):
    """Float32, as everything in the notebook."""
    g, h = rng.normal(0, 1, (batch, queries, g_size)), rng.normal(0, 1, (batch, keys, h_size))
    w = rng.normal(0, 0.8, (g_size, h_size))
    mask = np.arange(keys) < np.array(lengths)[:, None]
    if turned:
        mask = mask[:, ::-1].copy()  # padding in front: nothing says that it must be behind
    return [*(torch.from_numpy(x).float() for x in (g, h, w)), torch.from_numpy(mask)]


def _expect_weights(f, rng, *, turned=False, lengths, **sizes) -> None:
    g, h, w, mask = _draw(rng, lengths=lengths, turned=turned, **sizes)
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
    expect_no_nan(got, lengths)
    expect_close(got, want.numpy(), WEIGHTS, rtol=1e-4, atol=5e-5, mistakes=mistakes, context=context)
    expect_silent_padding(got, mask, context)
