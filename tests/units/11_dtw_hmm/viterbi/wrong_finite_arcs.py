"""Minus infinity is replaced by a large negative number.

Expect: has probability zero
"""
def viterbi(log_start, log_arcs, log_emit):
    log_start, log_arcs = np.maximum(log_start, -1e4), np.maximum(log_arcs, -1e4)
    best, pointers = log_start + log_emit[0], []
    for frame in log_emit[1:]:
        ways = best[:, None] + log_arcs
        pointers.append(ways.argmax(0))
        best = ways.max(0) + frame
    path = [int(best.argmax())]
    for pointer in pointers[::-1]:
        path.append(int(pointer[path[-1]]))
    return np.array(path[::-1]), best.max()
