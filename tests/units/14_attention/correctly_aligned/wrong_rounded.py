"""Rounded to a whole number of percent.

Expect: rounded
"""
def correctly_aligned(estimated, true, end, counted):
    ends, said_ends = np.append(true[1:], end), np.append(estimated[1:], end)
    overlap = np.clip(np.minimum(ends, said_ends) - np.maximum(true, estimated), 0, None)
    duration = ends - true
    return round(100 * overlap[counted].sum() / duration[counted].sum())
