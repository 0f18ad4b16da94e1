"""The mean over the paths.

Expect: mean over the paths
"""
import itertools


def label_probability(probs, label, blank=0):
    frames, classes = probs.shape
    paths = [p for p in itertools.product(range(classes), repeat=frames) if models.collapse(p, blank) == label]
    return float(np.mean([probs[range(frames), p].prod() for p in paths])) if paths else 0.0
