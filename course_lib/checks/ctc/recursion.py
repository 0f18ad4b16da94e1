"""The forward and backward variables: short labels against all paths, long ones against torch."""

import numpy as np
import torch
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.core import CheckFailed, as_array, expect, expect_close, passed, subject, visible_rng
from course_lib.checks.ctc import oracles as oracle

FLOAT32_RECURSION = 1e-4
"""A few hundred additions of rounded logarithms: 600 · 2^-24 = 3.6e-5 of the largest value."""


def forward_backward(answer, *, rng: Generator | None = None, cases: int = 12) -> None:
    """alpha and beta against all paths; ln p and the product rule on long inputs against torch. (exercise 12.3)"""
    f, rng = subject(answer), visible_rng(rng)
    tried = [(2, [1, 2]), (4, [1, 2]), (4, [1, 1]), (1, [2]), (3, []), (5, [2, 1, 1]), (1, []), (2, [1, 1])]
    tried += [(int(rng.integers(1, 7)), rng.integers(1, 3, rng.integers(4)).tolist()) for _ in range(cases)]
    for i, (frames, label) in enumerate(tried):
        blank = 2 if i % 3 == 2 else 0
        _expect_variables(f, oracle.posteriors(rng, frames, 3), [k - 1 if blank else k for k in label], blank)
    zeros = oracle.posteriors(rng, 5, 3)
    zeros[rng.integers(5), 0] = zeros[rng.integers(5), 1] = 0.0
    _expect_variables(f, zeros, [1, 2], 0, where=" whose posteriors hold zeros")
    for frames, symbols, dtype in ((600, 40, np.float64), (150, 20, np.float32), (40, 60, np.float64)):
        _expect_long(f, rng, frames, symbols, dtype)
    passed("forward_backward", f"{len(tried) + 1} labels against all their paths, and up to 600 frames against torch")


FAULTS = {
    "skip over equal symbols": "a path may not skip the blank between two equal symbols: from l to l it needs a blank.",
    "no skip": "no path skips a blank: between two different symbols the blank may be left out (s-2 to s).",
    "skip between blanks": "you let a path skip from blank to blank: that would leave out the symbol between them.",
    "start in the blank only": "a path may start in the first blank or in the first symbol; you allow the blank only.",
    "start anywhere": "a path may start in the first two states only: the first blank and the first symbol.",
    "no emission": "the probability of the frame itself, y_t, is missing: the card counts it in alpha and in beta.",
    "no staying": "a path may stay in its state (s to s): that way is missing.",
}
BETA_FAULTS = {
    "start in the blank only": "a path may end in the last symbol or in the last blank; you allow the blank only.",
    "start anywhere": "a path may end in the last two states only: the last symbol and the last blank.",
}


def _expect_variables(f, probs: ndarray, label: list[int], blank: int, where: str = "") -> None:
    context = f"for the label {label} over {len(probs)} frames, blank {blank}{where}"
    alpha, beta, log_p = _three(f.call(oracle.log_zero(probs), label, blank=blank))
    for got, what, by_paths, with_fault in (
        (alpha, "alpha", oracle.alpha_by_paths, oracle.alpha_with_fault),
        (beta, "beta", oracle.beta_by_paths, oracle.beta_with_fault),
    ):
        want = by_paths(probs, label, blank)
        own = probs[:, oracle.with_blanks(label, blank)]
        faults = FAULTS if what == "alpha" else FAULTS | BETA_FAULTS
        mistakes = {text: oracle.log_zero(with_fault(probs, label, blank, name)) for name, text in faults.items()}
        mistakes["this is the probability itself: return its natural logarithm."] = want
        mistakes["y_t is missing: the card counts the frame itself in alpha and in beta."] = oracle.log_zero(
            np.divide(want, own, out=np.zeros_like(want), where=own > 0))
        _expect_log(got, oracle.log_zero(want), f"{what} (natural log)", context, mistakes)
    last = oracle.log_zero(oracle.alpha_by_paths(probs, label, blank)[-1])
    want_p = oracle.log_zero(np.float64(oracle.label_distribution(probs, blank).get(tuple(label), 0.0)))
    _expect_log(
        log_p, want_p, "log_p", context, {
            "only paths that end in the last blank are counted: they may end in the last symbol too.": last[-1],
            "only paths that end in the last symbol are counted: they may end in the blank after it.": last[-2:][0],
            "all states of the last frame are summed: only the last two have said the whole label.":
                np.logaddexp.reduce(last),
            "this is the loss -ln p; the card asks for ln p.": -want_p,
        },
    )  # fmt: skip


def _expect_log(got: ndarray, want: ndarray, what: str, context: str, mistakes: dict) -> None:
    """Compare logarithms: first where they are -inf, then by value."""
    nan = int(np.isnan(got).sum())
    expect(not nan, f"{what} has {nan} NaN values {context}: did you subtract -inf from -inf, or take 0 · log 0?")
    if got.shape == np.shape(want) and np.any(np.isneginf(got) != np.isneginf(want)):
        named = [text for text, wrong in mistakes.items() if np.allclose(got, wrong, rtol=1e-6)]
        lost, index = np.isneginf(got) & np.isfinite(want), np.argwhere(np.isneginf(got) != np.isneginf(want))[0]
        at = f" at [{', '.join(map(str, index))}]" if len(index) else ""
        raise CheckFailed(f"{what} is wrong {context}: " + (named[0] if named else (
            f"it is -inf{at}, but some path does come through: which step does your recursion leave out?"
            if lost[tuple(index)] else
            f"it is {got[tuple(index)]:.4g}{at}, where no path comes through: expected -inf. A large negative "
            "number is not ln 0; and for beta, reverse the states as well as the time."
        )))
    expect_close(got, want, what, rtol=1e-6, context=context, mistakes=mistakes)


def _expect_long(f, rng: Generator, frames: int, symbols: int, dtype: type) -> None:
    classes = 12
    logits = rng.normal(0, 3, (frames, classes))
    log_probs = torch.from_numpy(logits).log_softmax(1)
    label = rng.integers(1, 4, symbols).tolist()
    loss = torch.nn.functional.ctc_loss(
        log_probs[:, None], torch.tensor([label]), [frames], [symbols], reduction="none").item()
    log_probs = log_probs.numpy().astype(dtype)
    alpha, beta, log_p = _three(f.call(log_probs, label, blank=0))
    context = f"for {frames} frames and {symbols} symbols in {np.dtype(dtype).name}"
    expect(
        np.isinf(loss) or np.isfinite(log_p),
        f"log_p is {log_p} {context}, but p is about e^{-loss:.0f}: an underflow, as float64 ends near e^-745. Keep "
        "logarithms all the way: add probabilities by np.logaddexp.",
    )
    tolerance = FLOAT32_RECURSION if dtype == np.float32 else 1e-9
    expect_close(log_p, -loss, "log_p", rtol=tolerance, context=context)
    if np.isfinite(loss):
        own = log_probs[:, oracle.with_blanks(label, 0)].astype(np.float64)
        everywhere = np.logaddexp.reduce(alpha + beta - own, axis=1)
        expect_close(
            everywhere, np.full(frames, -loss), "ln of the sum over s of alpha·beta/y, which is ln p at every frame,",
            rtol=tolerance, context=context,
        )


def _three(value) -> tuple[ndarray, ndarray, ndarray]:
    """alpha, beta and log_p as arrays."""
    if not isinstance(value, (tuple, list)) or len(value) != 3:
        raise CheckFailed(f"expected three results, (alpha, beta, log_p), got {type(value).__name__}.")
    alpha, beta, log_p = (as_array(v, name) for v, name in zip(value, ("alpha", "beta", "log_p"), strict=True))
    expect(log_p.size == 1, f"log_p should be one number, got shape {log_p.shape}.")
    return alpha, beta, log_p.reshape(())
