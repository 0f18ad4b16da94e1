"""The recursion from the end, then the path forwards.
"""
def viterbi(log_start, log_arcs, log_emit):
    onward = [log_emit[-1].astype(float)]
    for frame in log_emit[-2::-1]:
        onward.insert(0, frame + (log_arcs + onward[0]).max(1))
    path = [int(np.argmax(log_start + onward[0]))]
    for rest in onward[1:]:
        path.append(int(np.argmax(log_arcs[path[-1]] + rest)))
    return path, (log_start + onward[0]).max()
