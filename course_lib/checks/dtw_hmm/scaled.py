"""Scaled likelihoods: Bayes' rule on random logits, on huge ones, and with one likely state."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.core import as_array, expect, expect_close, passed, subject, visible_rng


def scaled_log_likelihoods(answer, *, rng: Generator | None = None, cases: int = 8) -> None:
    """ln p(q | o) - ln p(q) from logits and counts. (exercise 11.6)"""
    f, rng = subject(answer), visible_rng(rng)
    sizes = [(1, 2), (4, 4), (7, 3), *((int(rng.integers(1, 12)), int(rng.integers(2, 9))) for _ in range(cases))]
    for i, (frames, states) in enumerate(sizes):
        logits = rng.normal(0, 2, (frames, states))
        if i % 3 == 1:
            logits = np.asfortranarray(logits).astype(np.float32)
        _expect_scaled(f, logits, _counts(rng, states), f"for {frames} frame{'s' * (frames > 1)} and {states} states")
    for shift in (2000.0, -2000.0):
        _expect_scaled(f, rng.normal(0, 30, (6, 5)) + shift, _counts(rng, 5), f"for logits about {shift:g}")
    far = np.array([[2000.0, -2000.0, 0.0], [0.0, 2000.0, -2000.0]]) + rng.uniform(-5, 5, (2, 3))
    _expect_scaled(f, far, _counts(rng, 3), "for logits of 2000 and -2000 in one frame")
    rows = rng.normal(0, 30, (4, 3)) + np.array([[2000.0], [-2000.0], [0.0], [-2000.0]])
    _expect_scaled(f, rows, _counts(rng, 3), "for frames about 2000 and frames about -2000")
    passed("scaled_log_likelihoods", f"{len(sizes)} batches of frames, logits about 2000 and -2000, together and alone")


def _counts(rng: Generator, states: int) -> ndarray:
    """How often each state was seen: at least once, and never equally often."""
    return np.maximum((1000 * rng.dirichlet(np.full(states, 0.8))).astype(int), 3) + np.arange(states) * 7


def _expect_scaled(f, logits: ndarray, counts: ndarray, context: str) -> None:
    name = "the set of scaled log-likelihoods"
    got = as_array(f.call(logits, counts), name)
    wide, prior = logits.astype(float), counts / counts.sum()
    posterior = _log_softmax(wide, 1)
    want = posterior - np.log(prior)
    if got.shape == want.shape and not np.isfinite(got).all():
        expect(False, f"{int((~np.isfinite(got)).sum())} values are not finite {context}: the exponential overflows or "
               "underflows. Subtract the largest logit of each frame first (log-sum-exp), and take no logarithm of a "
               "probability that may be 0.")
    expect_close(got, want, name, rtol=1e-5, atol=1e-4, context=context, mistakes={
        "the prior is forgotten: this is ln p(q | o), the posterior.": posterior,
        "you multiplied by the prior: divide by it.": posterior + np.log(prior),
        "the softmax runs over the frames: the states of one frame share its probability.":
            _log_softmax(wide, 0) - np.log(prior),
        "the counts are not normalised: the prior is a distribution, so divide them by their sum.":
            posterior - np.log(counts),
        "the counts are added as if they were priors: divide by the prior, counts over their sum.":
            posterior + np.log(counts),
        "the softmax is missing: logits are no log posteriors before they are normalised.": wide - np.log(prior),
        "the prior itself is subtracted: subtract its logarithm.": posterior - prior,
        "this is the ratio itself: return its natural logarithm.": lambda: np.exp(np.minimum(want, 700)),
        "the prior is taken to be uniform: use the counts.": posterior + np.log(len(counts)),
        "the counts are divided by the largest of them: the prior is a distribution, divide them by their sum.":
            posterior - np.log(counts / counts.max()),
        "the counts are divided by their mean: the prior is a distribution, divide them by their sum.":
            posterior - np.log(counts / counts.mean()),
        "each frame is normalised again: posterior over prior is no distribution over the states.":
            _log_softmax(want, 1),
        "the largest value of each frame is subtracted: return the ratio as it is.": want - want.max(1, keepdims=True),
        "the logits are only shifted by their largest: the log-sum-exp over the states is to be subtracted.":
            wide - wide.max(1, keepdims=True) - np.log(prior),
    })


def _log_softmax(x: ndarray, axis: int) -> ndarray:
    top = x.max(axis, keepdims=True)
    return x - top - np.log(np.exp(x - top).sum(axis, keepdims=True))
