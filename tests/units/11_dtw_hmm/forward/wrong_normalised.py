"""Every frame is a distribution, and the scale is thrown away.

Expect: alpha is not a distribution
"""
def forward(log_start, log_arcs, log_emit):
    with np.errstate(divide="ignore"):
        arcs, emit = np.exp(log_arcs), np.exp(log_emit)
        alpha = np.exp(log_start) * emit[0]
        rows = [alpha / alpha.sum()]
        for frame in emit[1:]:
            alpha = rows[-1] @ arcs * frame
            rows.append(alpha / alpha.sum())
        return np.log(rows), np.log(alpha.sum())
