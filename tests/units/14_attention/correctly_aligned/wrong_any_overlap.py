"""Segments that overlap at all.

Expect: overlap at all
"""
def correctly_aligned(estimated, true, end, counted):
    ends, said_ends = np.append(true[1:], end), np.append(estimated[1:], end)
    overlap = np.clip(np.minimum(ends, said_ends) - np.maximum(true, estimated), 0, None)
    duration = ends - true
    return 100 * np.mean((overlap > 0)[counted])
