"""The end does not count.

Expect: the end is missing
"""
def witten_bell(strings, classes):
    counts = np.zeros((classes, classes))
    for string in strings:
        padded = [0, *string]
        np.add.at(counts, (padded[:-1], padded[1:]), 1)
    one = counts.sum(0)
    kinds = np.count_nonzero(one)
    unigram = (one + kinds / classes) / (one.sum() + kinds)
    total, followers = counts.sum(1, keepdims=True), np.count_nonzero(counts, axis=1)[:, None]
    return np.where(total > 0, (counts + followers * unigram) / np.maximum(total + followers, 1), unigram)
