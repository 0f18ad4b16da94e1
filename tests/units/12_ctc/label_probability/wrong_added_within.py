"""The frames of a path are added.

Expect: multiply; you added them
"""
import itertools


def label_probability(probs, label, blank=0):
    frames, classes = probs.shape
    paths = [p for p in itertools.product(range(classes), repeat=frames) if models.collapse(p, blank) == label]
    return float(sum(probs[range(frames), p].sum() for p in paths))
