"""Each peak, the loudest first, picks its nearest partial"""

import math


def track(frames, max_cents, sleep, shortest):
    partials = []
    for m, found in enumerate(frames):
        free = [p for p in partials if m - p[-1][0] <= sleep + 1]
        for frequency, amplitude in sorted(found, key=lambda peak: -peak[1]):
            near = [p for p in free if abs(1200 * math.log2(frequency / p[-1][1])) <= max_cents]
            if near:
                best = min(near, key=lambda p: abs(math.log(frequency / p[-1][1])))
                best.append((m, frequency, amplitude))
                free = [p for p in free if p is not best]
            else:
                partials.append([(m, frequency, amplitude)])
    return [p for p in partials if len(p) >= shortest]
