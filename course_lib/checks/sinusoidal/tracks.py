"""A tracker with switches for the usual mistakes, and sets of peaks on which all sane trackers agree.

A true partial glides slowly, is born and dies at known frames, and may be hidden for a few frames. All other peaks of a
frame are further from it than the largest jump, or they are weaker *and* further away than its own next peak. So it
does not matter whether a tracker goes by the nearest or by the loudest, and which pair it settles first.
"""

from dataclasses import dataclass, replace

import numpy as np

Peak = tuple[float, float]
Partial = list[tuple[int, float, float]]


@dataclass(frozen=True)
class Rules:
    """What a tracker goes by; the defaults are right."""

    base: float = 2.0              # of the logarithm in the distance
    hertz: bool = False            # the distance in Hz instead of cents
    from_birth: bool = False       # compare with the first frequency of the partial
    exclusive: bool = True         # a peak continues one partial at most
    linear: bool = False           # |f / last - 1| against the ratio of max_cents
    rising: bool = False           # only upward jumps are limited
    signed: bool = False           # ... and the largest fall counts as the nearest
    similar: bool = False          # the peak of the most similar amplitude goes first
    oldest: bool = False           # no mistake: the oldest partial goes first
    loudest: bool = False          # no mistake: the loudest peak goes first
    one_each: bool = True          # a partial takes one peak of a frame at most
    born_again: bool = False       # peaks that continue a partial are born too
    sleep_in_all: bool = False     # frames asleep are summed over a life
    first_fit: bool = False        # take the first peak within reach, not the nearest
    sleep_more: int = 0
    shortest_more: int = 0
    span: bool = False             # count frames from birth to death, not peaks
    one_birth: bool = False        # births in the first frame only
    keeps_last: bool = True        # partials alive at the end are returned


RIGHT = Rules()
OTHERS_RIGHT = (Rules(oldest=True), Rules(loudest=True))


def track(
    frames: list[list[Peak]], max_cents: float, sleep: int, shortest: int, rules: Rules = RIGHT
) -> list[Partial]:
    """Partials by birth and frequency, the nearest pairs first."""
    live: list[Partial] = []
    done: list[Partial] = []
    for m, found in enumerate(frames):
        asleep_too_long = [p for p in live if _asleep(p, m, rules) > sleep + rules.sleep_more]
        done += asleep_too_long
        live = [p for p in live if p not in asleep_too_long]
        taken: set[int] = set()
        pairs = sorted(_pairs(live, found, max_cents, rules))
        used: set[int] = set()
        for *_, i, j in pairs:
            if (i not in used or not rules.one_each) and (j not in taken or not rules.exclusive):
                live[i].append((m, *found[j]))
                used.add(i)
                taken.add(j)
        if m == 0 or not rules.one_birth:
            live += [[(m, *found[j])] for j in range(len(found)) if rules.born_again or j not in taken]
    if rules.keeps_last:
        done += live
    size = (lambda p: p[-1][0] - p[0][0] + 1) if rules.span else len
    return sorted(p for p in done if size(p) >= shortest + rules.shortest_more)


def _asleep(partial: Partial, m: int, rules: Rules) -> int:
    """Frames before frame `m` in which a partial had no peak."""
    return m - partial[0][0] - len(partial) if rules.sleep_in_all else m - partial[-1][0] - 1


def _pairs(live: list[Partial], found: list[Peak], max_cents: float, rules: Rules) -> list[tuple]:
    """(who goes first ..., index of the partial, index of the peak) of all that are near enough."""
    pairs = []
    for i, partial in enumerate(live):
        _, before, amplitude = partial[0 if rules.from_birth else -1]
        for j, (f, a) in enumerate(found):
            cents = 1200 * np.log(f / before) / np.log(rules.base)
            distance = f - before if rules.hertz else cents
            reach = max_cents
            if rules.linear:
                distance, reach = f / before - 1, 2 ** (max_cents / 1200) - 1
            if (distance if rules.rising else abs(distance)) <= reach:
                first = distance if rules.signed else abs(distance)
                first = j if rules.first_fit else abs(a - amplitude) if rules.similar else first
                pairs.append(((i,) if rules.oldest else (-a,) if rules.loudest else ()) + (first, i, j))
    return pairs


def variants(frames: list[list[Peak]], max_cents: float, sleep: int, shortest: int) -> dict[str, list[Partial]]:
    """Sentence → the partials that this mistake finds."""
    def made(**changes) -> list[Partial]:
        return track(frames, max_cents, sleep, shortest, replace(RIGHT, **changes))

    return {
        "the distance is taken in hertz: 1200·log2(f / f_last) is in cents.": made(hertz=True),
        "the distance is too small for cents, as with a natural logarithm: they need the logarithm to base 2.":
            made(base=np.e),
        "the distance is too small for cents, as with base 10: they need the logarithm to base 2.": made(base=10.0),
        "the distance is in semitones, 12·log2: a cent is a hundredth of that, 1200·log2.": made(base=2.0**100),
        "the reach is a fixed share of the frequency, as much down as up: 1200·log2(f / f_last) reaches less far down "
        "than up in hertz.": made(linear=True),
        "peaks are compared with the frequency at birth: a partial may glide, so take the last one seen.":
            made(from_birth=True),
        "one peak continues two partials: it may continue one at most.": made(exclusive=False),
        "a fall by any interval counts as near: take the absolute value of the distance.": made(rising=True),
        "a fall by any interval counts as nearest: take the absolute value of the distance.":
            made(rising=True, signed=True),
        "the peak of the most similar amplitude goes first: the card has the nearest or the loudest.":
            made(similar=True),
        "one partial takes several peaks of a frame: it may take one at most.": made(one_each=False),
        "a peak that continues a partial is born as a new one too: it is taken.": made(born_again=True),
        "a peak that is taken is still wanted by others, and born as well.": made(born_again=True, exclusive=False),
        "frames asleep are summed over the whole life: `sleep` is about frames in a row.": made(sleep_in_all=True),
        "a partial goes on with the first peak within reach, not with the nearest or loudest.": made(first_fit=True),
        "partials die one frame too early: `sleep` frames without a peak are allowed.": made(sleep_more=-1),
        "partials die one frame too late: more than `sleep` frames without a peak are the end.": made(sleep_more=1),
        "partials die at the first frame without a peak: they may sleep for `sleep` frames.": made(sleep_more=-sleep),
        "partials never die: after `sleep` frames without a peak they are dead.": made(sleep_more=10**6),
        "partials with exactly `shortest` peaks were dropped: drop those with fewer.": made(shortest_more=1),
        "partials with one peak fewer than `shortest` were kept.": made(shortest_more=-1),
        "short partials were kept: drop those with fewer than `shortest` peaks.": made(shortest_more=-(10**6)),
        "frames asleep were counted: `shortest` is about the peaks that were seen.": made(span=True),
        "partials are born in the first frame only: in any frame, a peak that continues nothing is a birth.":
            made(one_birth=True),
        "partials that are alive in the last frame are missing.": made(keeps_last=False),
    }


def lone_jumps(max_cents: float) -> list[list[Peak]]:
    """Two peaks per frame, around 200 and 3000 Hz, that stay for three frames and then jump, up and back.

    For max_cents up to 300 the two never meet.
    """
    frames: list[list[Peak]] = []
    for jump in (*(max_cents * np.array([0.5, 0.97, 1.03, 1.3, 1.6, 2.5, 3.1, 4.0, 6.0])), 2000.0):
        for cents in (0.0, float(jump)):
            frames += [[(low * 2 ** (cents / 1200), 0.5) for low in (200.0, 3000.0)]] * 3
    return frames


def scene(rng: np.random.Generator, max_cents: float, sleep: int, shortest: int) -> list[list[Peak]]:
    """A drawn scene on which the nearest pair, the oldest partial and the loudest peak may go first alike."""
    while True:
        frames = _drawn(rng, max_cents, sleep, shortest)
        want = track(frames, max_cents, sleep, shortest)
        if all(track(frames, max_cents, sleep, shortest, rules) == want for rules in OTHERS_RIGHT):
            return frames


def _drawn(rng: np.random.Generator, max_cents: float, sleep: int, shortest: int) -> list[list[Peak]]:
    """Peaks of some 40 frames: gliding partials in lanes, one after the other, with gaps and strays, and a close pair.

    Holds for max_cents up to 60 and sleep up to 3: then lanes are further apart than strays and glides can reach.
    """
    frames: list[list[Peak]] = [[] for _ in range(int(rng.integers(30, 50)))]
    for lane in 90.0 * 1.9 ** (np.arange(6) + rng.uniform(-0.02, 0.02, 6)):
        m, cents = int(rng.integers(0, 6)), 0.0
        while m < len(frames):
            length = max(1, int(rng.choice([shortest - 1, shortest, shortest + 1, shortest + 8, shortest + 15])))
            m, cents = _one_partial(rng, frames, lane, m, cents, length, max_cents, sleep)
            m += sleep + 1 + int(rng.integers(0, 4))
    _add_pair(rng, frames, max_cents)
    _add_leap(rng, frames, max_cents)
    return [sorted(peaks) for peaks in frames]


def _one_partial(rng, frames, lane, m, cents, length, max_cents, sleep) -> tuple[int, float]:
    """One partial from frame `m` on, with jumps of 0.3 to 0.8 of the largest; the frame after it, and where it was."""
    way, amplitude = rng.choice([-1, 1]), rng.uniform(0.1, 1.0)
    far = (2.0 + 0.8 * sleep) * max_cents  # so far away that the partial cannot come near while a stray sleeps
    stray_at = -99
    for _ in range(length):
        if m >= len(frames):
            break
        frames[m].append((lane * 2 ** (cents / 1200), amplitude))
        if rng.random() < 0.2 and m - stray_at > sleep + 1:  # the one before is dead: two strays never meet
            stray_at = m
            stray = cents + rng.choice([-1, 1]) * rng.uniform(1.0, 1.1) * far
            frames[m].append((lane * 2 ** (stray / 1200), 0.05 * amplitude))
        step = rng.uniform(0.3, 0.8) * max_cents
        way = -way if abs(cents + way * step) > 120 else way
        cents += way * step
        m += 1 + (int(rng.integers(1, sleep + 1)) if sleep and rng.random() < 0.2 else 0)
    return m, cents


def _add_pair(rng: np.random.Generator, frames: list[list[Peak]], max_cents: float) -> None:
    """Two neighbours within reach of each other, far above all lanes; the upper and softer one dies first.

    In the last frame a weak stray lies below the lower one, within reach but further away than its own next peak: it
    tempts trackers that take the first peak they see.
    """
    low, die = 90.0 * 1.9**7, len(frames) // 2 + int(rng.integers(-3, 4))
    for m in range(len(frames)):
        frames[m].append((low * 2 ** (0.1 * max_cents * rng.uniform(-1, 1) / 1200), 0.8))
        if m < die:
            frames[m].append((low * 2 ** (0.7 * max_cents / 1200), 0.3))
        elif m == len(frames) - 1:
            frames[m].append((low * 2 ** (-0.6 * max_cents / 1200), 0.02))


def _add_leap(rng: np.random.Generator, frames: list[list[Peak]], max_cents: float) -> None:
    """A steady tone above all others that leaps by a little more than the largest jump: a death and a birth."""
    leap = int(rng.integers(12, len(frames) - 8))
    there = rng.choice([-1, 1]) * rng.uniform(1.2, 1.35) * max_cents
    for m, peaks in enumerate(frames):
        peaks.append((90.0 * 1.9**8 * 2 ** ((there if m >= leap else 0.0) / 1200), 0.5))
