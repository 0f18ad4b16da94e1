"""Greedy without continuity

Expect: the partial went on
"""

import numpy as np


def track(frames, max_cents, sleep, shortest):
    live, done = [], []
    for m, found in enumerate(frames):
        done += [p for p in live if m - p[-1][0] > sleep + 1]
        live = [p for p in live if m - p[-1][0] <= sleep + 1]
        pairs = []
        for i, partial in enumerate(live):
            for j, (frequency, _) in enumerate(found):
                cents = abs(1200 * np.log2(frequency / partial[-1][1]))
                if j == i:
                    pairs.append((cents, i, j))
        continued, taken = set(), set()
        for _, i, j in sorted(pairs):
            if i not in continued and j not in taken:
                live[i].append((m, *found[j]))
                continued.add(i)
                taken.add(j)
        live += [[(m, *found[j])] for j in range(len(found)) if j not in taken]
    return [p for p in done + live if len(p) >= shortest]
