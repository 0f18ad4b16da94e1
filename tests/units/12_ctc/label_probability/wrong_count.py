"""The paths are counted.

Expect: you counted the paths
"""
import itertools


def label_probability(probs, label, blank=0):
    frames, classes = probs.shape
    return sum(models.collapse(p, blank) == label for p in itertools.product(range(classes), repeat=frames))
