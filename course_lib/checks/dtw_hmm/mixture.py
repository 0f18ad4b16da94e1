"""One step of EM for a mixture of Gaussians: against sums written out, far frames, and the rise of the likelihood."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.core import CheckFailed, as_array, expect, expect_close, passed, subject, visible_rng
from course_lib.checks.dtw_hmm import mistakes

NAMES = ("weights", "means", "variances", "log_likelihood")
WORDS = ("the set of weights", "the set of means", "the set of variances", "the log-likelihood")


def em_step(answer, *, rng: Generator | None = None, cases: int = 6) -> None:
    """E and M step on random mixtures, frames far from all components, and twenty steps in a row. (exercise 11.2)"""
    f, rng = subject(answer), visible_rng(rng)
    sizes = [(9, 1, 1), (31, 2, 1), (24, 3, 2), (40, 3, 3)]
    sizes += [(int(rng.integers(20, 45)), int(rng.integers(2, 5)), int(rng.integers(1, 4))) for _ in range(cases)]
    for i, (frames, components, features) in enumerate(sizes):
        x, mixture = _scene(rng, frames, components, features)
        if i % 2:
            x = np.asfortranarray(x)
        _expect_step(f, x, mixture)
    x, (weights, means, variances) = _scene(rng, 30, 2, 2)
    small = 0.02                                                       # variances of about 5e-4
    _expect_step(f, small * x, (weights, small * means, small**2 * variances), " with very small variances")
    _expect_far(f, rng)
    _expect_rise(f, rng)
    passed("em_step", f"{len(sizes)} mixtures, frames far from every component, a likelihood that never falls")


def _scene(rng: Generator, frames: int, components: int, features: int) -> tuple[ndarray, tuple]:
    """Frames around the components, so that each owns some; weights, means and variances."""
    means = rng.normal(0, 1.5, (components, features)) + 0.7
    variances = rng.uniform(0.5, 2.5, (components, features))
    weights = rng.dirichlet(np.full(components, 4.0))
    weights = 0.8 * weights + 0.2 / components
    own = np.arange(frames) % components
    x = means[own] + rng.normal(0, 1.2, (frames, features)) + 0.3
    return x, (weights, means, variances)


def _called(f, x: ndarray, mixture: tuple, context: str) -> list[ndarray]:
    got = f.call(x, *mixture)
    if not isinstance(got, (tuple, list)) or len(got) != 4:
        several = f" of {len(got)}" if isinstance(got, (tuple, list)) else ""
        raise CheckFailed(
            f"expected four results, ({', '.join(NAMES)}), got {type(got).__name__}{several} {context}.")
    arrays = [as_array(value, name) for value, name in zip(got, WORDS, strict=True)]
    for array, name in zip(arrays, WORDS, strict=True):
        expect(not np.iscomplexobj(array), f"{name} should be real, got complex numbers {context}.")
    expect(arrays[3].size == 1, f"the log-likelihood should be one number {context}, got shape {arrays[3].shape}.")
    arrays[3] = arrays[3].reshape(())
    return arrays


def _expect_step(f, x: ndarray, mixture: tuple, more: str = "") -> None:
    context = (f"for {_counted(x.shape[0], 'frame')} of {_counted(x.shape[1], 'feature')} and "
               f"{_counted(len(mixture[0]), 'component')}{more}")
    got = _called(f, x, mixture, context)
    want = mistakes.em(x, *mixture)
    for i, name in enumerate(WORDS):
        expect_close(got[i], want[i], name, rtol=1e-4, context=context, mistakes=lambda i=i: _named(i, x, mixture))


def _named(i: int, x: ndarray, mixture: tuple) -> dict[str, object]:
    right = mistakes.em(x, *mixture)
    named = {text: mistakes.em(x, *mixture, fault)[i] for fault, text in mistakes.EM_FAULTS.items()
             if i < 3 or fault in ("no weights", "square root", "squared", "log-variance")}
    if i in (1, 2):
        named |= {text: mistakes.em(x, *mixture, fault)[i] for fault, text in mistakes.EM_STEP_FAULTS.items()}
    if i == 0:
        named["the weights are not normalised: divide what each component owns by the number of frames, so that they "
              "sum to one."] = right[0] * len(x)
        named["these are the old weights: the new ones are what each component owns, divided by the frames."] = (
            mixture[0])
    if i == 2:
        named[mistakes.EM_STEP_FAULTS["divided by frames"]] = right[2] * right[0][:, None]
        owned = right[0][:, None] * len(x)
        named["you divided by the square of what the component owns (or twice)."] = right[2] / owned
    if i == 3:
        after = mistakes.em(x, *right[:3])[3]
        constant = 0.5 * x.size * np.log(2 * np.pi)
        named |= {
            "this is the mean over the frames: the card asks for the sum.": right[3] / len(x),
            "this is the likelihood after the step: the card asks for the one of the old mixture, which the E step "
            "has at hand.": after,
            "the constant is missing: -ln(2 pi) / 2 for each feature.": right[3] + constant,
            "this is the negative log-likelihood.": -right[3],
            "this is the logarithm to base 10: the card asks for the natural one.": right[3] / np.log(10),
            "ln(2 pi) counts once for each frame: it counts for each feature of each frame.":
                right[3] + constant * (1 - 1 / x.shape[1]),
        }
    return named


def _expect_far(f, rng: Generator) -> None:
    """Frames whose densities all underflow: only differences of logarithms can tell who owns them.

    Some frames lie near, so that one maximum for all frames does not do.
    """
    x, (weights, means, variances) = _scene(rng, 12, 2, 2)
    means = np.array([[0.0, 0.0], [1.0, -1.0]]) + rng.uniform(-0.1, 0.1, (2, 2))
    variances = np.ones_like(means)
    x = x + np.array([60.0, 60.0]) * np.array([1.0, -1.0, 0.0])[np.arange(12) % 3, None]
    mixture = weights, means, variances
    context = "for frames of which some lie 80 standard deviations away from every component"
    got, want = _called(f, x, mixture, context), mistakes.em(x, *mixture)
    near = mistakes.em(x[2::3], *mixture)                                 # what is left if the far ones get lost
    lost = near[0] / 3, *near[1:]
    for value, right, without, name in zip(got, want, lost, WORDS, strict=True):
        expect(np.isfinite(value).all() or value.shape != np.shape(right), f"{name} is not finite {context}: all "
               "densities underflow to 0, and 0 / 0 follows. Stay with logarithms and subtract the largest of each "
               "frame before you take the exponential (log-sum-exp).")
        expect_close(value, right, name, rtol=1e-2, context=context, mistakes={
            "the densities underflow to 0, and a small constant hides the division by zero. Stay with logarithms and "
            "subtract the largest of each frame before you take the exponential (log-sum-exp).":
                without})


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _expect_rise(f, rng: Generator) -> None:
    x, mixture = _scene(rng, 60, 3, 2)
    history = []
    for _ in range(20):
        *mixture, log_p = _called(f, x, tuple(mixture), "in a row of twenty steps")
        history.append(float(log_p))
    fall = -min(np.diff(history))
    expect(fall < 1e-3 * abs(history[0]), f"the log-likelihood falls by {fall:.3g} from one step to the next: EM never "
           "does that.")
