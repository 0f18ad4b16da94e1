"""The cheapest assignment of all (Hungarian)"""

import numpy as np
from scipy.optimize import linear_sum_assignment


def track(frames, max_cents, sleep, shortest):
    live, done = [], []
    for m, found in enumerate(frames):
        done += [p for p in live if m - p[-1][0] > sleep + 1]
        live = [p for p in live if m - p[-1][0] <= sleep + 1]
        old, new = np.array([p[-1][1] for p in live]), np.array([f for f, _ in found])
        taken = set()
        if len(old) and len(new):
            cents = np.abs(1200 * np.log2(new[None] / old[:, None]))
            for i, j in zip(*linear_sum_assignment(np.where(cents <= max_cents, cents, 1e6)), strict=True):
                if cents[i, j] <= max_cents:
                    live[i].append((m, *found[j]))
                    taken.add(j)
        live += [[(m, *found[j])] for j in range(len(found)) if j not in taken]
    return [np.array(p) for p in done + live if len(p) >= shortest]
