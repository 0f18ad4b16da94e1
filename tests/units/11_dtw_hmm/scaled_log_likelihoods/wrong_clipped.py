"""The log posterior is clipped.

Expect: 2000
"""
def scaled_log_likelihoods(logits, counts):
    posterior = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return np.maximum(posterior, -690) - np.log(counts / counts.sum())
