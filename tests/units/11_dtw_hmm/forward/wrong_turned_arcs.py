"""The arcs are read the wrong way round.

Expect: wrong way round
"""
def forward(log_start, log_arcs, log_emit):
    alpha = [log_start + log_emit[0]]
    for frame in log_emit[1:]:
        alpha.append(np.logaddexp.reduce(alpha[-1][:, None] + log_arcs.T, axis=0) + frame)
    return np.array(alpha), np.logaddexp.reduce(alpha[-1])
