"""A distribution over labels that grows frame by frame, keyed by label and last symbol.
"""
from collections import defaultdict


def label_probability(probs, label, blank=0):
    alive = {((), blank): 1.0}
    for frame in probs:
        later = defaultdict(float)
        for (said, last), p in alive.items():
            for k, y in enumerate(frame):
                later[(said if k in (blank, last) else (*said, k), k)] += p * y
        alive = later
    return sum(p for (said, _), p in alive.items() if list(said) == list(label))
