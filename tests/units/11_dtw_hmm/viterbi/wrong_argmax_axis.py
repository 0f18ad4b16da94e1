"""The pointers are taken along the wrong axis.

Expect: argmax runs over the state after
"""
def viterbi(log_start, log_arcs, log_emit):
    best, pointers = log_start + log_emit[0], []
    for frame in log_emit[1:]:
        ways = best[:, None] + log_arcs
        pointers.append(ways.argmax(1))
        best = ways.max(0) + frame
    path = [int(best.argmax())]
    for pointer in pointers[::-1]:
        path.append(int(pointer[path[-1]]))
    return np.array(path[::-1]), best.max()
