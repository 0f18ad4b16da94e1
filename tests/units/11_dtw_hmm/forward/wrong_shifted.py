"""Probabilities, shifted by the largest of each frame: a state far below it is lost.

Expect: underflow
"""
def forward(log_start, log_arcs, log_emit):
    alpha = [log_start + log_emit[0]]
    with np.errstate(divide="ignore"):
        for frame in log_emit[1:]:
            top = alpha[-1].max()
            alpha.append(np.log(np.exp(alpha[-1] - top) @ np.exp(log_arcs)) + top + frame)
    return np.array(alpha), np.logaddexp.reduce(alpha[-1])
