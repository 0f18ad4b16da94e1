"""Pairs fall back to the uniform distribution.

Expect: fall back to the uniform
"""
def witten_bell(strings, classes):
    counts = np.zeros((classes, classes))
    for string in strings:
        padded = [0, *string, 0]
        for a, b in zip(padded[:-1], padded[1:]):
            counts[a, b] += 1
    one = counts.sum(0)
    unigram = (one + np.count_nonzero(one) / classes) / (one.sum() + np.count_nonzero(one))
    kinds, total = np.count_nonzero(counts, axis=1)[:, None], counts.sum(1, keepdims=True)
    mixed = (counts + kinds / classes) / np.maximum(total + kinds, 1)
    return np.where(total > 0, mixed, unigram)
