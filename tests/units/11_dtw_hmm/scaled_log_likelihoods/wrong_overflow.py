"""The exponential of the logits overflows.

Expect: log-sum-exp
"""
def scaled_log_likelihoods(logits, counts):
    logits = logits.astype(float)
    log_posterior = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    return log_posterior - np.log(counts / counts.sum())
