"""Row by row, with a log-sum-exp by hand.
"""
import math


def scaled_log_likelihoods(logits, counts):
    log_total, rows = math.log(sum(int(c) for c in counts)), []
    for row in logits:
        row = [float(v) for v in row]
        top = max(row)
        log_z = top + math.log(sum(math.exp(v - top) for v in row))
        rows.append([v - log_z - math.log(c) + log_total for v, c in zip(row, counts)])
    return rows
