"""Negative overlaps pull the sum down.

Expect: not a negative one
"""
def correctly_aligned(estimated, true, end, counted):
    ends, said_ends = np.append(true[1:], end), np.append(estimated[1:], end)
    overlap = np.minimum(ends, said_ends) - np.maximum(true, estimated)
    duration = ends - true
    return 100 * overlap[counted].sum() / duration[counted].sum()
