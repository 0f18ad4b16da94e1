"""The logarithm of a softmax: a probability may be 0.

Expect: no logarithm of a probability
"""
def scaled_log_likelihoods(logits, counts):
    e = np.exp(logits - logits.max(1, keepdims=True))
    with np.errstate(divide="ignore"):
        posterior = np.log(e / e.sum(1, keepdims=True))
    return posterior - np.log(counts / counts.sum())
