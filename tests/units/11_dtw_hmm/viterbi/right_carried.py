"""The best path into each state is carried along, without pointers.
"""
def viterbi(log_start, log_arcs, log_emit):
    states = range(len(log_start))
    best = {s: (float(log_start[s] + log_emit[0, s]), [s]) for s in states}
    for frame in log_emit[1:]:
        later = {}
        for j in states:
            score, i = max((best[i][0] + float(log_arcs[i, j]), i) for i in states)
            later[j] = score + float(frame[j]), [*best[i][1], j]
        best = later
    score, path = max(best.values())
    return path, score
