"""A class that was never seen has a row of zeros.

Expect: row of zeros
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
    mixed = (counts + kinds * unigram) / np.maximum(total + kinds, 1)
    return mixed
