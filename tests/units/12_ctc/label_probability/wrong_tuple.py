"""A tuple is compared with a list.

Expect: a list never equals a tuple
"""
import itertools


def label_probability(probs, label, blank=0):
    paths = itertools.product(range(probs.shape[1]), repeat=len(probs))
    return sum(
        float(np.prod(probs[range(len(probs)), path])) for path in paths
        if tuple(models.collapse(path, blank)) == label
    )
