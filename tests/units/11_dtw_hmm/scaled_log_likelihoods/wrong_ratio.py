"""The ratio itself is returned.

Expect: natural logarithm
"""
def scaled_log_likelihoods(logits, counts):
    logits = logits.astype(float)
    log_posterior = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return np.exp(np.minimum(log_posterior - np.log(counts / counts.sum()), 700))
