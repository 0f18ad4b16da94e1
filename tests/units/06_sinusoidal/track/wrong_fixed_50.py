"""Fifty cents whatever max_cents is

Expect: the partial went on
"""

import math


def track(frames, max_cents, sleep, shortest):
    live, done = [], []
    for m, found in enumerate(frames):
        still = []
        for p in live:
            (still if m - p[-1][0] - 1 <= sleep else done).append(p)
        live = still
        pairs = []
        for i, p in enumerate(live):
            for j, (f, a) in enumerate(found):
                d = abs(1200 * math.log2(f / p[-1][1]))
                if d <= 50:
                    pairs.append((d, i, j))
        pairs.sort()
        usedp, usedf = set(), set()
        for d, i, j in pairs:
            if i in usedp or j in usedf:
                continue
            usedp.add(i)
            usedf.add(j)
            live[i].append((m, *found[j]))
        for j, (f, a) in enumerate(found):
            if j not in usedf:
                live.append([(m, f, a)])
    return [p for p in done + live if len(p) >= shortest]
