"""The largest logarithm is subtracted where it is -inf.

Expect: NaN
"""
def forward(log_start, log_arcs, log_emit):
    with np.errstate(all="ignore"):
        def add(values):
            top = values.max(0)
            return top + np.log(np.exp(values - top).sum(0))

        alpha = [log_start + log_emit[0]]
        for frame in log_emit[1:]:
            alpha.append(add(alpha[-1][:, None] + log_arcs) + frame)
        return np.array(alpha), add(alpha[-1])
