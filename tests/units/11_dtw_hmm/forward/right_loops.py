"""Loops over frames and states, with a log-sum-exp by hand.
"""
import math


def forward(log_start, log_arcs, log_emit):
    def add(values):
        top = max(values)
        return top if top == -math.inf else top + math.log(sum(math.exp(v - top) for v in values))

    frames, states = log_emit.shape
    alpha = [[float(log_start[s] + log_emit[0, s]) for s in range(states)]]
    for t in range(1, frames):
        alpha.append([
            add([alpha[-1][i] + float(log_arcs[i, j]) for i in range(states)]) + float(log_emit[t, j])
            for j in range(states)
        ])
    return alpha, add(alpha[-1])
