"""The last frame has no emission.

Expect: emission of the last frame
"""
def viterbi(log_start, log_arcs, log_emit):
    best, pointers = log_start + log_emit[0], []
    for frame in log_emit[1:]:
        ways = best[:, None] + log_arcs
        pointers.append(ways.argmax(0))
        best = ways.max(0) + frame
    path = [int((best - log_emit[-1]).argmax())]
    for pointer in pointers[::-1]:
        path.append(int(pointer[path[-1]]))
    return path[::-1], (best - log_emit[-1]).max()
