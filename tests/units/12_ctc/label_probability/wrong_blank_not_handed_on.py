"""collapse is called without the blank.

Expect: hand it on to models.collapse
"""
import itertools


def label_probability(probs, label, blank=0):
    paths = itertools.product(range(probs.shape[1]), repeat=len(probs))
    return sum(
        float(np.prod(probs[range(len(probs)), path])) for path in paths if models.collapse(path) == list(label)
    )
