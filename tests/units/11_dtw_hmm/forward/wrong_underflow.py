"""Probabilities are multiplied, and the logarithm is taken at the end.

Expect: underflow
"""
def forward(log_start, log_arcs, log_emit):
    arcs, emit = np.exp(log_arcs), np.exp(log_emit)
    alpha = [np.exp(log_start) * emit[0]]
    for frame in emit[1:]:
        alpha.append(alpha[-1] @ arcs * frame)
    with np.errstate(divide="ignore"):
        return np.log(alpha), np.log(alpha[-1].sum())
