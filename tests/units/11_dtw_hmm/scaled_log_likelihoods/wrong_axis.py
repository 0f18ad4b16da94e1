"""The softmax runs over the frames.

Expect: over the frames
"""
def scaled_log_likelihoods(logits, counts):
    logits = logits.astype(float)
    log_posterior = logits - np.logaddexp.reduce(logits, axis=0, keepdims=True)
    return log_posterior - np.log(counts / counts.sum())
