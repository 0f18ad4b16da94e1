"""Prefix beam search: wide beams against all labels, narrow ones against the rule of pruning."""

import numpy as np
import torch
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.core import (
    CheckFailed,
    as_array,
    expect,
    expect_close,
    expect_equal,
    passed,
    subject,
    visible_rng,
)
from course_lib.checks.ctc import oracles as oracle


def prefix_beam_search(answer, *, rng: Generator | None = None, cases: int = 8) -> None:
    """Wide beams against every label there is, narrow beams against the rule of the card. (exercise 12.5)"""
    f, rng = subject(answer), visible_rng(rng)
    for i in range(cases + 6):
        frames, classes = (1 if i == 0 else int(rng.integers(2, 6))), int(rng.integers(2, 4))
        blank = 0 if i < 4 else int(rng.integers(classes))
        weight = (0.0, 1.0, 0.7, 2.0)[i % 4]
        _expect_exact(f, oracle.posteriors(rng, frames, classes), oracle.bigram(rng, classes), weight, blank)
    for i in range(cases + 12):
        _expect_narrow(f, oracle.posteriors(rng, 6, 4), oracle.bigram(rng, 4), beam=1 + i % 3)
    _expect_long_search(f, rng)
    _expect_no_underflow(f, rng)
    passed("prefix_beam_search", f"{cases + 6} wide searches, {cases + 12} narrow ones, and two over 400 frames")


def _expect_exact(f, probs: ndarray, table: ndarray, weight: float, blank: int) -> None:
    label, score, margin = oracle.best_label(probs, table, weight, blank)
    context = f"over {len(probs)} frames and {probs.shape[1]} classes, weight {weight}, blank {blank}, beam 500"
    searches = {
        "a repeated symbol needs a blank between: only paths that end in the blank may append it again.":
            lambda: oracle.beam_search(probs, table, 500, weight, blank, "repeat needs no blank"),
        "what goes on and what is new reach the same prefix: add them, do not take the larger. (If you do add them: "
        "the language model scores new symbols only, not every frame.)":
            lambda: oracle.beam_search(probs, table, 500, weight, blank, "merged by max"),
        "p+ of a prefix goes on from its own p+ only: after a blank the same symbol is a new one.":
            lambda: oracle.beam_search(probs, table, 500, weight, blank, "blank goes on as symbol"),
        **({"the blank has the index that is handed in, not always 0.":
            lambda: oracle.beam_search(probs, table, 500, weight, 0)} if blank else {}),
        "you keep the best path of each prefix: add up the probabilities of all its paths.":
            lambda: oracle.best_label(probs, table, weight, blank, per_path=max),
        "the end of the string, column `blank` of the table, was not scored.":
            lambda: oracle.best_label(probs, table, weight, blank, fault="no end"),
        "the language model was left out.": lambda: oracle.best_label(probs, table, 0.0, blank),
        "the weight was ignored.": lambda: oracle.best_label(probs, table, 1.0, blank),
        "the start of the string, row `blank` of the table, was not scored.":
            lambda: oracle.best_label(probs, table, weight, blank, fault="no start"),
        "the table is read the wrong way round: lm[a, b] is ln p(b follows a).":
            lambda: oracle.best_label(probs, table, weight, blank, fault="turned"),
        "the language model scores new symbols only; you applied it in every frame.":
            lambda: oracle.best_label_per_frame(probs, table, weight, blank),
    }  # fmt: skip
    got = f.call(oracle.log_zero(probs), table, beam=500, weight=weight, blank=blank)
    got_label, got_score = _label_and_score(got)
    expect_close(
        got_score, score, "the score ln p(l | x) + weight·ln p_LM(l) of the best label", rtol=1e-6, context=context,
        mistakes={text: lambda search=search: search()[1] for text, search in searches.items()},
    )
    if margin > 1e-6:
        expect_equal(got_label, label, "the best label", context=context)


def _expect_narrow(f, probs: ndarray, table: ndarray, beam: int) -> None:
    want = oracle.beam_search(probs, table, beam, 1.0, 0)
    faults = {
        "prefixes are ranked by sound and language model together; yours are ranked by sound alone.":
            lambda: oracle.beam_search(probs, table, beam, 1.0, 0, "pruned by sound alone"),
        "prune after the last frame too: the winner is one of `beam` prefixes.":
            lambda: oracle.beam_search(probs, table, beam, 1.0, 0, "last frame not pruned"),
        "the score is what the beam has added up; yours is the exact ln p(l | x) of the label, with the paths that "
        "pruning lost.": lambda: (want[0], _exact_score(probs, want[0], table)),
        "the search keeps more than `beam` prefixes.": lambda: oracle.best_label(probs, table, 1.0, 0),
    }  # fmt: skip
    got = _label_and_score(f.call(np.log(probs), table, beam=beam, weight=1.0, blank=0))
    context = f"with a beam of {beam} over 6 frames and 4 classes"
    expect_close(got[1], want[1], "the score", rtol=1e-6, context=context,
                 mistakes={text: lambda search=search: search()[1] for text, search in faults.items()})
    expect_equal(got[0], want[0], "the best label", context=context)


def _expect_long_search(f, rng: Generator) -> None:
    """400 frames that say one label clearly; a search can only lose paths, so its score is at most the exact one."""
    label, table = rng.integers(1, 6, 30).tolist(), oracle.bigram(rng, 6)
    path = [k for symbol in label for k in [symbol] * 6 + [0] * 7] + [0] * 10
    log_probs = torch.from_numpy(rng.normal(0, 0.5, (400, 6)) + 8 * np.eye(6)[path]).log_softmax(1)
    loss = torch.nn.functional.ctc_loss(log_probs[:, None], torch.tensor([label]), [400], [30], reduction="none").item()
    exact = -loss + oracle.language_score(label, table, 0)
    got, score = _label_and_score(f.call(log_probs.numpy(), table, beam=8, weight=1.0, blank=0))
    expect(np.isfinite(score), f"the score is {score} over 400 frames: probabilities underflow there. Keep logarithms.")
    expect_equal(got, label, "the label", context="of 400 frames that say it clearly")
    expect(
        exact - 0.5 < score < exact + 1e-6,
        f"the score over 400 frames is {score:.4f}, but ln p(l | x) + ln p_LM(l) is {exact:.4f}: are the paths of "
        "equal prefixes merged by adding, each once?",
    )


def _exact_score(probs: ndarray, label: list[int], table: ndarray) -> float:
    return oracle.log_variables(np.log(probs), label, 0)[2] + oracle.language_score(label, table, 0)


def _expect_no_underflow(f, rng: Generator) -> None:
    """400 frames that know nothing of 30 classes: every label has a probability far below the end of float64."""
    probs, table = oracle.posteriors(rng, 400, 30) * 0.1 + 0.9 / 30, oracle.bigram(rng, 30)
    label, score = _label_and_score(f.call(np.log(probs), table, beam=2, weight=1.0, blank=0))
    expect(all(0 < k < 30 for k in label), f"the label holds what is no symbol: {label[:9]}")
    exact = _exact_score(probs, label, table)
    expect(
        np.isfinite(score),
        f"the score is {score} over 400 flat frames: an underflow, as float64 ends near e^-745. Keep logarithms all "
        "the way: add probabilities by np.logaddexp.",
    )
    expect(
        score < exact + 1e-6 * abs(exact),
        f"the score over 400 flat frames is {score:.2f}, more than ln p(l | x) + ln p_LM(l) = {exact:.2f} of your "
        "label: is some path counted twice?",
    )


def _label_and_score(value) -> tuple[list[int], float]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise CheckFailed(f"expected two results, (label, score), got {type(value).__name__}.")
    score = as_array(value[1], "the score")
    expect(score.size == 1, f"the score should be one number, got shape {score.shape}.")
    return [int(k) for k in as_array(value[0], "the label").reshape(-1)], float(score.reshape(()))
