"""The last segment is forgotten.

Expect: the last segment is missing
"""
def correctly_aligned(estimated, true, end, counted):
    overlap = np.clip(np.minimum(true[1:], estimated[1:]) - np.maximum(true[:-1], estimated[:-1]), 0, None)
    keep = counted[:-1]
    whole = np.diff(true)[keep].sum()
    return 100 * overlap[keep].sum() / whole if whole > 0 else 0.0
