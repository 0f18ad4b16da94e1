"""Two sides, timed in turn so that a busy machine slows both: the error first, then medians and the median ratio."""

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch


def timed(run: Callable[[], object], where: torch.device) -> float:
    """Seconds of one call, the device's queue empty before and after."""
    if where.type == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    run()
    if where.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def compare(
    name: str, ours: Callable, theirs: Callable, *, where: torch.device, rounds: int, goal: str, error_at_most: float,
    theirs_is: str = "",
) -> dict:
    """One row of the table.

    Args:
        name: what is computed, and on what.
        ours, theirs: give the same numbers; both are called in turn, in changing order.
        rounds: how often.
        goal: the ratio that is aimed at, in words.
        error_at_most: largest difference relative to the largest value.
        theirs_is: name of the peer.

    Raises:
        AssertionError: the two sides differ by more: there is nothing to compare then.
    """
    a, b = (torch.as_tensor(np.asarray(v.detach().cpu()) if isinstance(v, torch.Tensor) else v)
            for v in (ours(), theirs()))
    error = float((a - b).abs().max() / b.abs().max())
    assert error <= error_at_most, f"{name}: the two sides differ by {error:.1e}, more than {error_at_most:.0e}"
    pairs = []
    for i in range(rounds + 3):  # three rounds to warm up
        order = (ours, theirs) if i % 2 else (theirs, ours)
        times = [timed(run, where) for run in order]
        pairs.append(times if i % 2 else times[::-1])
    pairs = pairs[3:]
    low, ratio, high = statistics.quantiles([ours_s / theirs_s for ours_s, theirs_s in pairs], n=4)
    return {
        "what": name, "peer": theirs_is, "relative error": f"{error:.1e}",
        "ours (ms)": f"{1e3 * statistics.median(p[0] for p in pairs):.3g}",
        "peer (ms)": f"{1e3 * statistics.median(p[1] for p in pairs):.3g}", "ratio": f"{ratio:.3g}",
        "quartiles": f"{low:.2f} to {high:.2f}", "goal": goal,
    }
