"""The prior is subtracted, not its logarithm.

Expect: subtract its logarithm
"""
def scaled_log_likelihoods(logits, counts):
    logits = logits.astype(float)
    log_posterior = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return log_posterior - counts / counts.sum()
