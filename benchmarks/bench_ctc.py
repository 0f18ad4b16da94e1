"""The vectorised CTC loss of course_lib against torch's native one and the triple loop: equal results, then time.

    python benchmarks/bench_ctc.py [--rounds 21] [--device cpu]

The sides are timed in turn, so that a busy machine slows all; a ratio is the median over the rounds. Goals: forward at
most 7 times native, at least 30 times faster than the loop over utterances, frames and states.
"""

import argparse
import math
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import ctc_loss as native_loss

from course_lib import device
from course_lib.losses import ctc_loss
from course_lib.ui.tables import table_text

sys.path.insert(0, str(Path(__file__).parent))
from side_by_side import timed

SIZES = ((16, 200, 32, 30), (16, 60, 11, 5), (32, 500, 32, 60))
"""Batch, frames, classes, symbols: characters of a sentence, the digit strings of unit 12, a long sentence."""


def triple_loop(log_probs: Tensor, labels: Tensor) -> Tensor:
    """The forward recursion in plain Python, one number at a time."""
    found = []
    for y, label in zip(log_probs.tolist(), labels.tolist(), strict=True):
        states = [0] + [k for symbol in label for k in (symbol, 0)]
        alpha = [y[0][0], y[0][states[1]]] + [-math.inf] * (len(states) - 2)
        for frame in y[1:]:
            before, alpha = alpha, []
            for s, k in enumerate(states):
                ways = before[max(s - 1, 0) : s + 1]
                if s > 1 and k != states[s - 2]:
                    ways.append(before[s - 2])
                top = max(ways)
                if top > -math.inf:
                    top += math.log(sum(math.exp(way - top) for way in ways))
                alpha.append(top + frame[k])
        top = max(alpha[-2:])
        found.append(-top - math.log(sum(math.exp(a - top) for a in alpha[-2:])))
    return torch.tensor(found, dtype=torch.float64)


def errors(logits: Tensor, labels: Tensor, full: tuple[Tensor, Tensor]) -> tuple[float, float]:
    """Largest relative difference of the losses of all three, and of our gradient to native's, in float64."""
    z = logits.detach().double().requires_grad_()
    log_probs = z.log_softmax(-1)
    ours = ctc_loss(log_probs, labels)
    native = native_loss(log_probs.transpose(0, 1), labels, *full, reduction="none")
    slopes = [torch.autograd.grad(loss.sum(), z, retain_graph=True)[0] for loss in (ours, native)]
    others = (native.detach().cpu(), triple_loop(log_probs, labels))
    error = max(float(((ours.detach().cpu() - other) / other).abs().max()) for other in others)
    return error, float((slopes[0] - slopes[1]).abs().max())


def measure(size: tuple[int, int, int, int], rounds: int, where: torch.device) -> dict:
    """One row: errors in float64, then median times in float32 in ms, and their ratios."""
    batch, frames, classes, symbols = size
    draw = torch.Generator().manual_seed(0)
    logits = torch.randn(batch, frames, classes, generator=draw).to(where).requires_grad_()
    labels = torch.randint(1, classes, (batch, symbols), generator=draw).to(where)
    log_probs = logits.detach().log_softmax(-1)
    time_first = log_probs.transpose(0, 1).contiguous()
    full = torch.full((batch,), frames), torch.full((batch,), symbols)

    def gradient(loss: Callable[[Tensor], Tensor]) -> Tensor:
        return torch.autograd.grad(loss(logits.log_softmax(-1)).sum(), logits)[0]

    sides = {
        "native": lambda: native_loss(time_first, labels, *full, reduction="none"),
        "ours": lambda: ctc_loss(log_probs, labels),
        "native both": lambda: gradient(lambda y: native_loss(y.transpose(0, 1), labels, *full, reduction="none")),
        "ours both": lambda: gradient(lambda y: ctc_loss(y, labels)),
    }
    error, slope = errors(logits, labels, full)
    if error > 1e-10 or slope > 1e-8:
        raise SystemExit(f"results differ: {error:.1e} relative in the loss, {slope:.1e} in the gradient")
    for run in sides.values():
        run()
    times = [{name: timed(run, where) for name, run in sides.items()} for _ in range(rounds)]
    loops = [timed(lambda: triple_loop(log_probs, labels), where) for _ in range(3)]

    def median(a: str, b: str) -> float:
        return statistics.median(t[a] / t[b] for t in times)

    middle = statistics.median(t["ours"] for t in times)
    return {
        "batch × frames × classes, symbols": f"{batch} × {frames} × {classes}, {symbols}",
        "error of loss": f"{error:.0e}",
        "of gradient": f"{slope:.0e}", "ours (ms)": 1e3 * middle, "ours / native": median("ours", "native"),
        "with backward": median("ours both", "native both"), "loop / ours": min(loops) / middle,
    }  # fmt: skip


def table(rounds: int, where: torch.device) -> list[dict]:
    """A row for each size."""
    return [measure(size, rounds, where) for size in SIZES]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    where = torch.device(options.device)
    machine = device.report().name if where.type == "cpu" else where
    print(table_text(table(options.rounds, where), title=f"CTC loss on {machine}, float32"))


if __name__ == "__main__":
    main()
