"""Taken peaks are still wanted

Expect: still wanted by others
"""

import numpy as np


def track(frames, max_cents, sleep, shortest):
    partials = []
    for m, found in enumerate(frames):
        found = list(found)
        fresh = []
        for p in partials:
            if m - p[-1][0] - 1 > sleep or not found:
                continue
            d = [abs(1200 * np.log2(f / p[-1][1])) for f, _ in found]
            j = int(np.argmin(d))
            if d[j] <= max_cents:
                p.append((m,) + tuple(found[j]))
        partials += [[(m, f, a)] for f, a in found]
    return [p for p in partials if len(p) >= shortest]
