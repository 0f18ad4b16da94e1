"""Rabiner: normalise each frame in probabilities; a state far below the best one is lost.

Expect: underflow
"""
def forward(log_start, log_arcs, log_emit):
    with np.errstate(divide="ignore"):
        arcs, log_scale, rows = np.exp(log_arcs.astype(float)), 0.0, []
        belief = np.exp(log_start.astype(float))
        for t, frame in enumerate(log_emit.astype(float)):
            top = frame.max()
            belief = (belief @ arcs if t else belief) * np.exp(frame - top)
            log_scale += top + np.log(belief.sum())
            belief = belief / belief.sum()
            rows.append(np.log(belief) + log_scale)
    return np.array(rows), log_scale
