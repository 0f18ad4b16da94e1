"""Only the most likely path counts.

Expect: most likely path only
"""
import itertools


def label_probability(probs, label, blank=0):
    frames, classes = probs.shape
    paths = [p for p in itertools.product(range(classes), repeat=frames) if models.collapse(p, blank) == label]
    return max((probs[range(frames), p].prod() for p in paths), default=0.0)
