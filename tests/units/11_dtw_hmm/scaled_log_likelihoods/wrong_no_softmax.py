"""The logits are taken for log posteriors.

Expect: softmax is missing
"""
def scaled_log_likelihoods(logits, counts):
    logits = logits.astype(float)
    log_posterior = logits
    return log_posterior - np.log(counts / counts.sum())
