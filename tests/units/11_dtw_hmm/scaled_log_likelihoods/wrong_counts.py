"""The counts are not normalised.

Expect: counts are not normalised
"""
def scaled_log_likelihoods(logits, counts):
    logits = logits.astype(float)
    log_posterior = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return log_posterior - np.log(counts)
