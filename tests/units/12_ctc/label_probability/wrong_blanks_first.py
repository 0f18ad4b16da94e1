"""The map B of the student drops blanks first.

Expect: drops the blanks before
"""
import itertools


def label_probability(probs, label, blank=0):
    frames, classes = probs.shape
    total = 0.0
    for p in itertools.product(range(classes), repeat=frames):
        if [k for k, _ in itertools.groupby(k for k in p if k != blank)] == label:
            total += probs[range(frames), p].prod()
    return total
