"""All strings as one.

Expect: one string into the next
"""
def witten_bell(strings, classes):
    counts = np.zeros((classes, classes))
    for string in [sum(strings, [])]:
        padded = [0, *string, 0]
        for a, b in zip(padded[:-1], padded[1:]):
            counts[a, b] += 1
    one = counts.sum(0)
    unigram = (one + np.count_nonzero(one) / classes) / (one.sum() + np.count_nonzero(one))
    kinds, total = np.count_nonzero(counts, axis=1)[:, None], counts.sum(1, keepdims=True)
    mixed = (counts + kinds * unigram) / np.maximum(total + kinds, 1)
    return np.where(total > 0, mixed, unigram)
