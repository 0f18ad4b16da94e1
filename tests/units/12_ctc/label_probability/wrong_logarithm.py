"""The logarithm is returned.

Expect: asks for p
"""
import itertools


def label_probability(probs, label, blank=0):
    frames, classes = probs.shape
    paths = itertools.product(range(classes), repeat=frames)
    return np.log(sum(probs[range(frames), p].prod() for p in paths if models.collapse(p, blank) == label))
