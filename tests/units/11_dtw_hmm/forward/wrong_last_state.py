"""ln p of the last state only.

Expect: only the last state counts
"""
def forward(log_start, log_arcs, log_emit):
    alpha = [log_start + log_emit[0]]
    for frame in log_emit[1:]:
        alpha.append(np.logaddexp.reduce(alpha[-1][:, None] + log_arcs, axis=0) + frame)
    return np.array(alpha), alpha[-1][-1]
