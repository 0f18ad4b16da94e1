"""Loops over frames and states, in both directions.
"""
import math


def forward_backward(log_probs, label, blank=0):
    states = [blank]
    for symbol in label:
        states += [symbol, blank]
    T, S = len(log_probs), len(states)

    def add(values):
        top = max(values)
        return top if top == -math.inf else top + math.log(sum(math.exp(v - top) for v in values))

    def may_skip(s):
        return states[s] != blank and states[s] != states[s - 2]

    alpha = [[-math.inf] * S for _ in range(T)]
    beta = [[-math.inf] * S for _ in range(T)]
    for s in range(min(2, S)):
        alpha[0][s] = float(log_probs[0][states[s]])
        beta[T - 1][S - 1 - s] = float(log_probs[T - 1][states[S - 1 - s]])
    for t in range(1, T):
        for s in range(S):
            ways = alpha[t - 1][max(s - 1, 0) : s + 1] + (alpha[t - 1][s - 2 : s - 1] if s > 1 and may_skip(s) else [])
            alpha[t][s] = add(ways) + float(log_probs[t][states[s]])
    for t in range(T - 2, -1, -1):
        for s in range(S):
            ways = beta[t + 1][s : s + 2]
            if s + 2 < S and may_skip(s + 2):
                ways.append(beta[t + 1][s + 2])
            beta[t][s] = add(ways) + float(log_probs[t][states[s]])
    return alpha, beta, add(alpha[-1][-2:])
