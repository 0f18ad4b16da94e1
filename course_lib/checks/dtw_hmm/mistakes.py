"""What the usual mistakes of unit 11_dtw_hmm give: name of the mistake → number. Called only for wrong answers."""

import numpy as np
from numpy import ndarray

from course_lib.checks.dtw_hmm import oracle


def of_warping(cost: ndarray) -> dict[str, object]:
    """Wrong totals of `dtw`."""
    n, m = cost.shape
    right = oracle.warping_cost(cost)
    free = _accumulated(cost, free_start=True)
    whole = _accumulated(cost)
    return {
        "the cost of the first cell is missing: every cell of the path counts, the corner (0, 0) too.":
            right - cost[0, 0],
        "the cost of the first cell is counted twice.": right + cost[0, 0],
        "the path may begin anywhere in the first row or column: their cells must be accumulated too, as there is only "
        "one way to reach them, and what stands in front of the table must be infinite, not merely large.":
            free[-1, -1],
        "a place before the first row or column was read from the end of the table (index -1): it must be infinite.":
            _accumulated(cost, wraps=True)[-1, -1],
        "the path may end anywhere in the last row: it must end in the corner.": whole[-1].min(),
        "the path may end anywhere in the last column: it must end in the corner.": whole[:, -1].min(),
        "the diagonal step is missing: (1, 1) is allowed.": _accumulated(cost, diagonal=False)[-1, -1],
        "the diagonal step counts its cell twice: here each cell counts once.": _accumulated(cost, weight=2.0)[-1, -1],
        "you took the dearest neighbour: the path with the least cost is asked for.":
            _accumulated(cost, better=max)[-1, -1],
        "the path is greedy: it goes to the cheapest next cell and cannot know what comes after.": greedy_on(cost),
        "the cost is divided by the lengths of both sequences: the card asks for the plain sum.": right / (n + m),
        "only the diagonal is summed: warping needs (1, 0) and (0, 1) too.":
            float(np.trace(cost)) if n == m else np.inf,
        "the last cell is missing: every cell of the path counts.": right - cost[-1, -1],
    }


def _accumulated(
    cost: ndarray, *, free_start: bool = False, diagonal: bool = True, weight: float = 1.0, better=min,
    wraps: bool = False,
) -> ndarray:
    total = np.full(cost.shape, np.inf)
    for i in range(cost.shape[0]):
        for j in range(cost.shape[1]):
            ways = []
            if i or (wraps and j):
                ways.append(total[i - 1, j] + cost[i, j])
            if j or (wraps and i):
                ways.append(total[i, j - 1] + cost[i, j])
            if ((i and j) or (wraps and (i or j))) and diagonal:
                ways.append(total[i - 1, j - 1] + weight * cost[i, j])
            if not ways or (free_start and not (i and j)):
                ways = [cost[i, j]]
            total[i, j] = better(ways)
    return total


def greedy_on(cost: ndarray) -> float:
    """From the start always to the cheapest next cell."""
    n, m = cost.shape
    i = j = 0
    total = cost[0, 0]
    while (i, j) != (n - 1, m - 1):
        ways = [(i + 1, j + 1), (i, j + 1), (i + 1, j)]
        i, j = min((cell for cell in ways if cell[0] < n and cell[1] < m), key=lambda cell: cost[cell])
        total += cost[i, j]
    return float(total)


def diagonal_first(cost: ndarray) -> float:
    """From the end along the diagonal to the edge, then along the edge."""
    i, j = cost.shape[0] - 1, cost.shape[1] - 1
    total = cost[i, j]
    while i or j:
        i, j = max(i - 1, 0), max(j - 1, 0)
        total += cost[i, j]
    return float(total)


def greedy_back(cost: ndarray) -> float:
    """From the end always to the neighbour with the lowest own cost."""
    return greedy_on(cost[::-1, ::-1])


EM_FAULTS = {
    "normalised over frames": "the responsibilities are normalised over the frames: each frame's must sum to one over "
        "the components.",
    "no weights": "the weights are missing in the E step: p(k | x) is proportional to weight times density.",
    "equal to density": "the responsibilities are not normalised: divide by their sum over the components.",
    "hard": "each frame goes to its best component alone: EM shares it out.",
    "square root": "the density holds the standard deviation where the variance belongs.",
    "squared": "the density takes the variance for a standard deviation: it is squared already.",
    "log-variance": "the logarithm in the density is not halved: -1/2 stands before ln(2 pi variance) too.",
}
EM_STEP_FAULTS = {
    "old mean": "the variance is taken about the old mean: use the new one.",
    "no mean": "the mean is not subtracted in the variance: it is the second moment.",
    "divided by frames": "the M step divides by the number of frames; divide by what the component owns, the sum of "
        "its responsibilities.",
    "deviation": "this is the standard deviation: the card asks for the variance.",
    "unbiased": "the variance divides by one less than the component owns: maximum likelihood divides by all of it.",
    "unweighted": "the frames count alike in every component: weight each with its responsibility.",
    "summed over features": "the variance is one for all features: each feature has its own.",
}


def em(x: ndarray, weights: ndarray, means: ndarray, variances: ndarray, fault: str = "") -> tuple:
    """One EM step with one fault; none by default. (weights, means, variances, log-likelihood)"""
    spread = {"square root": np.sqrt, "squared": np.square}.get(fault, np.asarray)(variances)
    joint = np.array([[oracle.log_normal(f, m, v) for m, v in zip(means, spread, strict=True)] for f in x])
    if fault == "log-variance":
        joint = joint - 0.5 * np.log(2 * np.pi * spread).sum(1)
    joint = joint + (0.0 if fault == "no weights" else np.log(weights))
    top = joint.max(1, keepdims=True)
    p = np.exp(joint - top)
    r = p / p.sum(1, keepdims=True)
    if fault == "normalised over frames":
        p = np.exp(joint - joint.max(0))
        r = p / p.sum(0)
    elif fault == "equal to density":
        r = np.exp(joint)
    elif fault == "hard":
        r = (joint == top).astype(float)
    elif fault == "unweighted":
        r_mean = np.full_like(r, 1 / r.shape[1])
    owned = r.sum(0)
    shares = r_mean if fault == "unweighted" else r
    by = float(len(x)) if fault == "divided by frames" else shares.sum(0)[:, None]
    new = shares.T @ x / by
    centre = {"old mean": means, "no mean": np.zeros_like(means)}.get(fault, new)
    by = by - 1 if fault == "unbiased" else by
    spread = np.einsum("nk,nkd->kd", shares, (x[:, None] - centre) ** 2) / by
    if fault == "deviation":
        spread = np.sqrt(spread)
    if fault == "summed over features":
        spread = np.broadcast_to(spread.mean(1, keepdims=True), spread.shape)
    return owned / len(x), new, spread, float((top[:, 0] + np.log(p.sum(1))).sum())
