"""Segments that do not count are taken out before the ends are computed.

Expect: taken out before the ends
"""
def correctly_aligned(estimated, true, end, counted):
    true, estimated = true[counted], estimated[counted]
    ends, found = np.append(true[1:], end), np.append(estimated[1:], end)
    overlap = np.maximum(np.minimum(ends, found) - np.maximum(true, estimated), 0)
    return float(100 * overlap.sum() / (ends - true).sum())
