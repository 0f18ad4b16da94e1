"""A fraction, not percent.

Expect: in percent
"""
def correctly_aligned(estimated, true, end, counted):
    ends, said_ends = np.append(true[1:], end), np.append(estimated[1:], end)
    overlap = np.clip(np.minimum(ends, said_ends) - np.maximum(true, estimated), 0, None)
    duration = ends - true
    return overlap[counted].sum() / duration[counted].sum()
