"""Each partial, the oldest first, picks its nearest peak"""

import math


def track(frames, max_cents, sleep, shortest):
    partials = []
    for m, found in enumerate(frames):
        free = list(found)
        for p in partials:
            if m - p[-1][0] > sleep + 1 or not free:
                continue
            best = min(free, key=lambda peak: abs(math.log(peak[0] / p[-1][1])))
            if abs(1200 * math.log2(best[0] / p[-1][1])) <= max_cents:
                p.append((m, best[0], best[1]))
                free.remove(best)
        partials += [[(m, f, a)] for f, a in free]
    return [tuple(p) for p in partials if len(p) >= shortest]
