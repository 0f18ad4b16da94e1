"""A loop over segments.
"""
def correctly_aligned(estimated, true, end, counted):
    right = whole = 0.0
    last = len(true) - 1
    for m in range(len(true)):
        if counted[m]:
            stop = end if m == last else true[m + 1]
            said_stop = end if m == last else estimated[m + 1]
            right += max(0.0, min(stop, said_stop) - max(true[m], estimated[m]))
            whole += stop - true[m]
    return 100.0 * right / whole
