"""Segments that do not count are counted.

Expect: segments that do not count are in it
"""
def correctly_aligned(estimated, true, end, counted):
    ends, said_ends = np.append(true[1:], end), np.append(estimated[1:], end)
    overlap = np.clip(np.minimum(ends, said_ends) - np.maximum(true, estimated), 0, None)
    duration = ends - true
    return 100 * overlap.sum() / duration.sum()
