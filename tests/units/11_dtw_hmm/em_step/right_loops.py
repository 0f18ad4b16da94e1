"""Loops over frames and components, Python floats.
"""
import math


def em_step(x, weights, means, variances):
    n, d = x.shape
    k = len(weights)
    r, total = [], 0.0
    for frame in x:
        joint = [
            math.log(weights[c]) + sum(
                -0.5 * math.log(2 * math.pi * variances[c][f]) - (frame[f] - means[c][f]) ** 2 / (2 * variances[c][f])
                for f in range(d))
            for c in range(k)
        ]
        top = max(joint)
        log_p = top + math.log(sum(math.exp(j - top) for j in joint))
        total += log_p
        r.append([math.exp(j - log_p) for j in joint])
    owned = [sum(r[i][c] for i in range(n)) for c in range(k)]
    mean = [[sum(r[i][c] * x[i, f] for i in range(n)) / owned[c] for f in range(d)] for c in range(k)]
    var = [[sum(r[i][c] * (x[i, f] - mean[c][f]) ** 2 for i in range(n)) / owned[c] for f in range(d)] for c in range(k)]
    return [o / n for o in owned], mean, var, total
