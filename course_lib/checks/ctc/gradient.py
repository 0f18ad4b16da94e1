"""The gradient of the loss at the logits, against autograd through torch's own loss."""

import numpy as np
import torch
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.core import as_array, expect, expect_close, passed, subject, visible_rng
from course_lib.checks.ctc import oracles as oracle


def logit_gradient(answer, *, rng: Generator | None = None, cases: int = 10) -> None:
    """The gradient at the logits, against autograd through torch's own ctc_loss and log_softmax. (exercise 12.4)"""
    f, rng = subject(answer), visible_rng(rng)
    tried = [(3, 4, [1, 2], 0), (5, 3, [1, 1], 0), (1, 3, [2], 0), (4, 3, [], 0), (6, 4, [0, 2, 0], 3)]
    for _ in range(cases):
        classes = int(rng.integers(3, 7))
        blank = int(rng.integers(classes))
        label = rng.choice(np.delete(np.arange(classes), blank), rng.integers(1, 6)).tolist()
        tried.append((int(rng.integers(2 * len(label), 20)), classes, label, blank))
    tried.append((500, 8, rng.integers(1, 4, 30).tolist(), 0))
    for frames, classes, label, blank in tried:
        _expect_gradient(f, rng.normal(0, 2, (frames, classes)), label, blank)
    passed("logit_gradient", f"{len(tried)} labels, up to 500 frames, against autograd")


def _expect_gradient(f, logits: ndarray, label: list[int], blank: int) -> None:
    z = torch.from_numpy(logits).requires_grad_()
    frames = len(logits)
    torch.nn.functional.ctc_loss(
        z.log_softmax(1)[:, None], torch.tensor([label], dtype=torch.long), [frames], [len(label)], blank=blank,
        reduction="sum").backward()
    want, log_y = z.grad.numpy(), z.detach().log_softmax(1).numpy()
    alpha, beta, log_p = oracle.log_variables(log_y, label, blank)
    states, y = oracle.with_blanks(label, blank), np.exp(log_y)
    both = alpha + beta - log_p

    def occupancy(share: ndarray, keep: str = "all") -> ndarray:
        total = np.zeros_like(y)
        for s, k in enumerate(states):
            if keep == "last":
                total[:, k] = share[:, s]
            elif keep == "all" or s % 2:
                total[:, k] += share[:, s]
        return total

    with np.errstate(over="ignore", invalid="ignore"):
        own, occupied = y[:, states], occupancy(np.exp(both - log_y[:, states]))
        mistakes = {
            "this is the gradient at the log probabilities, -occupancy; the logits also pass through the softmax.":
                -occupied,
            "this is the gradient at the probabilities, -occupancy/y; the logits pass through the softmax.":
                -occupied / y,
            "alpha·beta counts y_t twice: divide by it once.": y - occupancy(np.exp(both)),
            "you divided by y_t twice: that is dp/dy; at the logits one y_t remains.":
                y - occupancy(np.exp(both) / own**2),
            "the sum was not divided by p(l | x).": y - occupancy(np.exp(both + log_p) / own),
            "a symbol in several places of the label, like the blank, has several states: add their shares.":
                y - occupancy(np.exp(both) / own, "last"),
            "the states of the blank are missing.": y - occupancy(np.exp(both) / own, "symbols"),
            "this is the occupancy alone: the gradient at the logits is y - occupancy.": occupied,
            "it was divided by the number of frames: the loss is a sum over paths, not a mean over frames.":
                want / frames,
        }  # fmt: skip
    got = f.call(log_y, alpha, beta, label, blank=blank)
    expect(
        frames < 100 or bool(np.isfinite(as_array(got, "the gradient")).all()),
        f"the gradient is not finite over {frames} frames: exp(alpha) underflows to zero there, and 0/0 is NaN. "
        "Subtract the logarithms first, then take exp of the difference.",
    )
    expect_close(
        got, want, "the gradient at the logits", rtol=1e-6, atol=1e-7, mistakes=mistakes,
        context=f"for the label {label if len(label) < 9 else f'of {len(label)} symbols'} over {frames} frames, "
        f"blank {blank}",
    )
