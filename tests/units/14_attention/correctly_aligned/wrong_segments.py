"""The mean over segments: long and short ones are worth the same.

Expect: a long one is worth more time
"""
def correctly_aligned(estimated, true, end, counted):
    ends, said_ends = np.append(true[1:], end), np.append(estimated[1:], end)
    overlap = np.clip(np.minimum(ends, said_ends) - np.maximum(true, estimated), 0, None)
    duration = ends - true
    return 100 * np.mean((overlap / duration)[counted])
