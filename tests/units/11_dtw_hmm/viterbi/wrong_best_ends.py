"""The best end of each frame.

Expect: best end of each frame
"""
def viterbi(log_start, log_arcs, log_emit):
    best = log_start + log_emit[0]
    path = [int(best.argmax())]
    for frame in log_emit[1:]:
        best = (best[:, None] + log_arcs).max(0) + frame
        path.append(int(best.argmax()))
    return path, best.max()
