"""The arcs are read the wrong way round.

Expect: wrong way round
"""
def viterbi(log_start, log_arcs, log_emit):
    best, pointers = log_start + log_emit[0], []
    for frame in log_emit[1:]:
        ways = best[:, None] + log_arcs.T
        pointers.append(ways.argmax(0))
        best = ways.max(0) + frame
    path = [int(best.argmax())]
    for pointer in pointers[::-1]:
        path.append(int(pointer[path[-1]]))
    return path[::-1], best.max()
